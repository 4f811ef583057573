import { render, Text } from "ink";
import { createElement } from "react";

// The floor of every first frame: an Ink program that shows one word.

render(createElement(Text, null, "hello"), { alternateScreen: true, interactive: true });
setInterval(() => {}, 60_000);
