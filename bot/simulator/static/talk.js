// What members do on the page, and how it is shown: each act is posted, its answer put into the conversation.

import { nameOf, reveal, scrollToEnd, showNote, showOwnFile, showTurn, view } from "./chat.js";
import { button, byId } from "./dom.js";
import { post, postFile } from "./wire.js";

const MOVES = "回复：";
const MOVE_SEPARATOR = " · ";
const LARGEST_FILE = 20 * 1024 * 1024;
const MEDIA = { image: "[图片]", voice: "[语音]", video: "[视频]", location: "[位置]", link: "[链接]" };

function movesOf(reply) {
  const last = reply.trimEnd().split("\n").at(-1).trim();
  if (!last.startsWith(MOVES)) return [];
  return last.slice(MOVES.length).split(MOVE_SEPARATOR).map((move) => move.trim()).filter(Boolean);
}

export function refresh() {
  const { current } = view;
  byId("typing").hidden = current.waiting === 0;
  if (current.waiting > 0) scrollToEnd();
  const chips = current.moves.map((move) => button("chip", move));
  byId("chips").replaceChildren(...chips);
  byId("chips").hidden = chips.length === 0;
  byId("redeliver").disabled = !current.sent;
  byId("redeliver-fresh").disabled = !current.sent;
}

function showWire(answer) {
  const bytes = (count) => `${count.toLocaleString("zh-CN")} 字节`;
  byId("wire-summary").textContent = `已加密回调 · ${answer.milliseconds} ms · ${bytes(answer.request_bytes + answer.response_bytes)}`;
  byId("wire-request").textContent = bytes(answer.request_bytes);
  byId("wire-response").textContent = bytes(answer.response_bytes);
  byId("wire-status").textContent = `HTTP ${answer.status}`;
}

function deliver(conversation, send, show, after = () => {}) {
  conversation.waiting += 1;
  conversation.moves = [];
  refresh();
  conversation.queue = conversation.queue.then(async () => {
    let answer = null;
    let trouble = null;
    try {
      answer = await send();
    } catch (error) {
      trouble = error.message;
    }
    conversation.waiting -= 1;
    byId("typing").hidden = view.current.waiting === 0;
    if (answer === null) showNote(conversation, trouble, true);
    else {
      showWire(answer);
      show(answer);
    }
    after();
    refresh();
    reveal(conversation);
  });
}

function perform(conversation, send, after, silence = "已送达，应用没有答复") {
  conversation.sent = true;
  const show = (answer) => {
    conversation.reply = answer.reply;
    if (answer.tries > 1) showNote(conversation, `第${answer.tries}次推送才有答复`);
    if (answer.status !== 200) showNote(conversation, `回调没有受理（HTTP ${answer.status}）`, true);
    else if (answer.reply !== null) {
      showTurn(conversation, answer.reply, false);
      conversation.moves = movesOf(answer.reply);
    } else if (!answer.updated && silence) showNote(conversation, silence);
  };
  deliver(conversation, send, show, after);
}

const act = (conversation, deed, after) => perform(conversation, () => post({ user: conversation.user, ...deed }), after);

export function say(text) {
  showTurn(view.current, text, true);
  act(view.current, { text });
}

export function enter(conversation) {
  conversation.entered = true;
  showNote(conversation, `${nameOf(conversation.user)}进入应用`);
  // The welcome comes once a day; after it, no answer is none to remark on.
  perform(conversation, () => post({ user: conversation.user, event: "enter_agent" }), undefined, "");
}

export function redeliver(way) {
  const conversation = view.current;
  const { reply: before, moves } = conversation;
  deliver(conversation, () => post({ user: conversation.user, redeliver: way }), (answer) => {
    conversation.moves = moves;
    if (answer.status === 200 && answer.reply === before) showNote(conversation, "已重推，答复与上次逐字相同");
    else {
      showNote(conversation, `已重推，答复与上次不同（HTTP ${answer.status}）`, true);
      if (answer.reply !== null) showTurn(conversation, answer.reply, false);
    }
  });
}

export function sendFile(file) {
  const conversation = view.current;
  showOwnFile(conversation, file);
  if (file.size > LARGEST_FILE) showNote(conversation, "文件超过20MB，企业微信不收", true);
  else perform(conversation, () => postFile(conversation.user, file));
}

export function sendMedium(medium) {
  showTurn(view.current, MEDIA[medium], true);
  act(view.current, { media: medium });
}

export function announceDisuse() {
  showNote(view.current, "企业微信：应用长期未使用，即将停用");
  act(view.current, { lifecycle: "inactive_alert" });
}

export function chooseEntry(entry) {
  showNote(view.current, `点了菜单“${entry.name}”`);
  act(view.current, { event: "click", key: entry.key });
}

export function clickCard(conversation, message, use) {
  act(conversation, { card: message.id, key: use.key, selected: use.selected }, use.done);
}
