// The floor of every key: a program that puts the key where the console names its screen, and does nothing else.

process.stdin.setRawMode(true);
process.stdout.write("\u001b[2J\u001b[1;1Hready");
process.stdin.on("data", (key) => {
  const text = key.toString();
  if (text.includes("\u0003")) process.exit(0);
  process.stdout.write(`\u001b[2;1H\u001b[7m ${text} \u001b[0m`);
});
