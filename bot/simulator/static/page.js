// The chat page of the simulator: what the controls do.

import { conversations, nameOf, scrollToEnd, showMessage, showNote, view } from "./chat.js";
import { byId } from "./dom.js";
import { drawMenu, watchMenu } from "./menu.js";
import { announceDisuse, chooseEntry, clickCard, enter, redeliver, refresh, say, sendFile, sendMedium } from "./talk.js";
import { listen, postFault } from "./wire.js";

const field = byId("text");

function switchTo(user) {
  view.current = conversations.get(user);
  for (const conversation of conversations.values()) conversation.log.hidden = conversation !== view.current;
  byId("whose").textContent = nameOf(user);
  refresh();
  scrollToEnd();
  if (!view.current.entered) enter(view.current);
}

function fit() {
  byId("send").disabled = field.value.trim() === "";
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

function focusField() {
  // On a phone the focus would open the keyboard over the answer.
  if (window.matchMedia("(pointer: fine)").matches) field.focus();
}

function toggleExtras(open) {
  byId("extras").hidden = !open;
  byId("plus").setAttribute("aria-expanded", String(open));
}

field.addEventListener("input", fit);
field.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses a word (229 is what some browsers report then).
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  byId("composer").requestSubmit();
});
byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text === "") return;
  field.value = "";
  fit();
  say(text);
});
byId("chips").addEventListener("click", (event) => {
  if (!event.target.matches(".chip")) return;
  say(event.target.textContent);
  focusField();
});
byId("plus").addEventListener("click", () => toggleExtras(byId("extras").hidden));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || byId("extras").hidden) return;
  toggleExtras(false);
  byId("plus").focus();
});
byId("extras").addEventListener("click", (event) => {
  const { media, attach } = event.target.dataset;
  if (!media && !attach) return;
  toggleExtras(false);
  if (attach) byId("attachment").click();
  else sendMedium(media);
});
byId("attachment").addEventListener("change", (event) => {
  for (const file of event.target.files) sendFile(file);
  event.target.value = "";
  focusField();
});
byId("enter").addEventListener("click", () => enter(view.current));
byId("redeliver").addEventListener("click", () => redeliver("same"));
byId("redeliver-fresh").addEventListener("click", () => redeliver("fresh"));
byId("lifecycle").addEventListener("click", announceDisuse);
byId("fault").addEventListener("change", (event) => {
  const name = event.target.selectedOptions[0].textContent;
  postFault(event.target.value)
    .then(() => showNote(view.current, `主动接口：${name}`))
    .catch((error) => showNote(view.current, error.message, true));
});
document.querySelectorAll("input[name=user]").forEach((choice) => {
  choice.addEventListener("change", () => switchTo(choice.value));
});

watchMenu(byId("menu"));
fit();
focusField();
switchTo(document.querySelector("input[name=user]:checked").value);
listen((news) => {
  byId("faults").hidden = !news.live;
  drawMenu(byId("menu"), news.menu, chooseEntry);
  for (const message of news.messages) showMessage(message, clickCard);
});
