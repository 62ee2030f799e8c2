// Template cards: a title, buttons or selectors, and grey once they were used. `click` is told { key, selected }.

import { button, element } from "./dom.js";

function drawSelector(selector, grey) {
  const label = element("label", "selector");
  const list = document.createElement("select");
  list.name = selector.key;
  list.disabled = grey;
  for (const option of selector.options) {
    list.add(new Option(option.text, option.id, false, option.id === selector.chosen));
  }
  label.append(element("span", "", selector.title), list);
  return label;
}

export function drawCard(card, click) {
  const form = element("form", "card");
  const head = element("div", "head");
  head.append(element("strong", "title", card.title));
  if (card.description) head.append(element("span", "description", card.description));
  if (card.note) head.append(element("span", "description", card.note));
  form.append(head);

  const use = (key) => {
    const selected = Object.fromEntries([...form.querySelectorAll("select")].map((list) => [list.name, list.value]));
    // One click is one click; what becomes of the card is drawn anew.
    const waiting = [...form.elements].filter((node) => !node.disabled);
    for (const node of waiting) node.setAttribute("aria-disabled", "true");
    form.dataset.busy = "yes";
    click({
      key,
      selected,
      done: () => {
        delete form.dataset.busy;
        for (const node of waiting) node.removeAttribute("aria-disabled");
      },
    });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = event.submitter?.dataset.key ?? card.submit?.key;
    if (key !== undefined && form.dataset.busy === undefined) use(key);
  });

  const grey = card.grey !== "";
  for (const selector of card.selectors) form.append(drawSelector(selector, grey));
  if (grey) {
    const done = button("done", card.grey);
    done.disabled = true;
    form.append(done);
    return form;
  }
  const add = (text, key, main) => {
    const choice = button(main ? "main" : "", text, "submit");
    choice.dataset.key = key;
    form.append(choice);
  };
  for (const { text, key, main } of card.buttons) {
    add(text, key, main);
  }
  if (card.submit) add(card.submit.text, card.submit.key, true);
  return form;
}
