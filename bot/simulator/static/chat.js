// The conversations and what stands in them. Whatever comes from a person or from the bot is set as text, never as markup.

import { drawCard } from "./cards.js";
import { byId, element } from "./dom.js";

const PAUSE = 5 * 60 * 1000;

export const nameOf = (user) => (user === "user-a" ? "用户A" : "用户B");

const scroll = byId("scroll");

// One conversation per user; requests of one user go out one after another, as a phone sends them.
// `entries` are the messages that came by themselves, by their ids: a card may be replaced, any may be recalled.
export const conversations = new Map(
  ["user-a", "user-b"].map((user) => [
    user,
    {
      user, log: byId(`log-${user}`), moves: [], waiting: 0, entered: false, sent: false, reply: null, spoken: 0,
      queue: Promise.resolve(), entries: new Map(),
    },
  ]),
);

export const view = { current: conversations.get("user-a") };

export function scrollToEnd() {
  scroll.scrollTop = scroll.scrollHeight;
}

// Who reads the newest message goes on seeing it when something opens below.
let atEnd = true;
scroll.addEventListener("scroll", () => {
  atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
});
new ResizeObserver(() => {
  if (atEnd) scrollToEnd();
}).observe(scroll);

function append(conversation, node) {
  conversation.log.append(node);
  if (conversation === view.current) scrollToEnd();
}

function markTime(conversation) {
  const now = Date.now();
  if (now - conversation.spoken > PAUSE) {
    const time = new Date(now).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
    append(conversation, element("li", "note time", time));
  }
  conversation.spoken = now;
}

// The newest entry is wholly in view; one that is taller than the view is read from its beginning.
export function reveal(conversation) {
  const entry = conversation.log.lastElementChild;
  if (conversation !== view.current || entry === null) return;
  entry.scrollIntoView({ block: entry.offsetHeight > scroll.clientHeight - 20 ? "start" : "nearest" });
}

function showBubble(conversation, mine, content) {
  markTime(conversation);
  const turn = element("li", mine ? `turn mine ${conversation.user}` : "turn theirs");
  const avatar = element("span", "avatar", mine ? nameOf(conversation.user).slice(-1) : "笔");
  avatar.setAttribute("aria-hidden", "true");
  const bubble = element("div", "bubble");
  bubble.append(element("span", "unseen", mine ? "我说：" : "笔杆说："), content);
  turn.append(avatar, bubble);
  append(conversation, turn);
  return turn;
}

export const showTurn = (conversation, text, mine) => showBubble(conversation, mine, element("span", "said", text));

export function showNote(conversation, text, trouble = false) {
  markTime(conversation);
  append(conversation, element("li", trouble ? "note trouble" : "note", text));
}

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function drawFile(name, bytes, address) {
  const file = element(address ? "a" : "span", "file");
  if (address) {
    file.href = address;
    file.download = name;
  }
  const dot = name.lastIndexOf(".");
  const kind = dot > 0 ? name.slice(dot + 1, dot + 5).toUpperCase() : "文件";
  const words = element("span", "words");
  words.append(element("span", "name", name), element("span", "size", address ? `${sizeOf(bytes)} · 下载` : sizeOf(bytes)));
  const icon = element("span", `kind ${kind.toLowerCase().startsWith("doc") ? "word" : ""}`, kind);
  icon.setAttribute("aria-hidden", "true");
  file.append(words, icon);
  return file;
}

export function showOwnFile(conversation, file) {
  showBubble(conversation, true, drawFile(file.name, file.size, null)).classList.add("holds-file");
}

function draw(message, click) {
  if (message.file) return [drawFile(message.file.name, message.file.bytes, `/simulator/files/${message.id}`), "holds-file"];
  if (message.card) return [drawCard(message.card, click), "holds-card"];
  return [element("span", "said", message.text), "holds-text"];
}

function replace(turn, message, click) {
  const focused = turn.contains(document.activeElement);
  turn.querySelector(".bubble").lastElementChild.replaceWith(draw(message, click)[0]);
  if (!focused) return;
  // Who clicked by the keyboard goes on from the same place.
  const next = turn.querySelector("button:not(:disabled), select:not(:disabled)") ?? turn.querySelector(".bubble");
  if (next.matches(".bubble")) next.tabIndex = -1;
  next.focus();
}

// Show a message that came by itself, or what became of one that is there. `click(conversation, message, use)` is told of clicks.
export function showMessage(message, click) {
  const conversation = conversations.get(message.user);
  if (conversation === undefined) return;
  const known = conversation.entries.get(message.id);
  if (message.recalled) {
    if (known?.isConnected) known.replaceWith(element("li", "note", "笔杆撤回了一条消息"));
    return;
  }
  const told = (use) => click(conversation, message, use);
  if (known !== undefined) {
    replace(known, message, told);
    return;
  }
  const [content, kind] = draw(message, told);
  const turn = showBubble(conversation, false, content);
  turn.classList.add(kind);
  conversation.entries.set(message.id, turn);
  reveal(conversation);
}
