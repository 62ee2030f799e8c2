// The app's menu below the chat: buttons that open a list of entries. `choose` is told the entry that was chosen.

import { button, element } from "./dom.js";

let drawn = "";

function entriesOf(list) {
  return [...list.querySelectorAll("button:not(:disabled)")];
}

export function closeMenu(bar, refocus = false) {
  const open = bar.querySelector("[aria-expanded=true]");
  if (open === null) return false;
  open.setAttribute("aria-expanded", "false");
  open.nextElementSibling.hidden = true;
  if (refocus) open.focus();
  return true;
}

function openMenu(bar, opener, at = 0) {
  closeMenu(bar);
  opener.setAttribute("aria-expanded", "true");
  opener.nextElementSibling.hidden = false;
  entriesOf(opener.nextElementSibling).at(at)?.focus();
}

function drawList(bar, { name, entries }, number, choose) {
  const place = element("div", "place");
  const opener = button("opener", name);
  const list = element("div", "entries");
  list.id = `menu-${number}`;
  list.hidden = true;
  list.setAttribute("role", "menu");
  list.setAttribute("aria-label", name);
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", list.id);
  for (const entry of entries) {
    const choice = button("", entry.name);
    choice.setAttribute("role", "menuitem");
    choice.disabled = entry.key === "";
    choice.addEventListener("click", () => {
      closeMenu(bar, true);
      choose(entry);
    });
    list.append(choice);
  }
  opener.addEventListener("click", () => {
    if (opener.getAttribute("aria-expanded") === "true") closeMenu(bar);
    else openMenu(bar, opener);
  });
  place.append(opener, list);
  return place;
}

function move(bar, event) {
  const list = event.target.closest("[role=menu]");
  const opener = event.target.closest(".opener");
  if (event.key === "Escape") {
    if (closeMenu(bar, true)) event.preventDefault();
  } else if (opener !== null && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    openMenu(bar, opener, event.key === "ArrowUp" ? -1 : 0);
  } else if (list !== null && ["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
    event.preventDefault();
    const entries = entriesOf(list);
    const at = entries.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: (at + 1) % entries.length, Home: 0, End: -1 }[event.key];
    entries.at(to)?.focus();
  }
}

export function watchMenu(bar) {
  bar.addEventListener("keydown", (event) => move(bar, event));
  bar.addEventListener("focusout", (event) => {
    if (event.relatedTarget !== null && !bar.contains(event.relatedTarget)) closeMenu(bar);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!bar.contains(event.target)) closeMenu(bar);
  });
}

export function drawMenu(bar, buttons, choose) {
  const now = JSON.stringify(buttons);
  if (now === drawn) return;
  drawn = now;
  bar.replaceChildren(...buttons.map((entries, number) => drawList(bar, entries, number, choose)));
  bar.hidden = buttons.length === 0;
}
