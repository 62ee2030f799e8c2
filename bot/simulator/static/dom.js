// Nodes of the document.

export const byId = (id) => document.getElementById(id);

export function element(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function button(className, text, type = "button") {
  const node = element("button", className, text);
  node.type = type;
  return node;
}
