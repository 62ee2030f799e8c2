// The chat page of the simulator. Whatever comes from a person or from the bot is set as text, never as markup.

const ENDPOINT = "/simulator/messages";
const MOVES = "回复：";
const MOVE_SEPARATOR = " · ";
const PAUSE = 5 * 60 * 1000;
const MEDIA = { image: "[图片]", voice: "[语音]", video: "[视频]", location: "[位置]", link: "[链接]", file: "[文件]" };

const byId = (id) => document.getElementById(id);
const field = byId("text");
const scroll = byId("scroll");

// One conversation per user; requests of one user go out one after another, as a phone sends them.
const conversations = new Map(
  ["user-a", "user-b"].map((user) => [
    user,
    { user, log: byId(`log-${user}`), moves: [], waiting: 0, entered: false, sent: false, reply: null, spoken: 0, queue: Promise.resolve() },
  ]),
);
let current = conversations.get("user-a");

const nameOf = (user) => (user === "user-a" ? "用户A" : "用户B");

function element(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function append(conversation, node) {
  conversation.log.append(node);
  if (conversation === current) scroll.scrollTop = scroll.scrollHeight;
}

function markTime(conversation) {
  const now = Date.now();
  if (now - conversation.spoken > PAUSE) {
    append(conversation, element("li", "note time", new Date(now).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" })));
  }
  conversation.spoken = now;
}

function showTurn(conversation, text, mine) {
  markTime(conversation);
  const turn = element("li", mine ? `turn mine ${conversation.user}` : "turn theirs");
  const avatar = element("span", "avatar", mine ? nameOf(conversation.user).slice(-1) : "笔");
  avatar.setAttribute("aria-hidden", "true");
  const bubble = element("div", "bubble");
  bubble.append(element("span", "unseen", mine ? "我说：" : "笔杆说："), element("span", "said", text));
  turn.append(avatar, bubble);
  append(conversation, turn);
}

// The newest entry is wholly in view; one that is taller than the view is read from its beginning.
function reveal(entry) {
  entry.scrollIntoView({ block: entry.offsetHeight > scroll.clientHeight - 20 ? "start" : "nearest" });
}

function showNote(conversation, text, trouble = false) {
  markTime(conversation);
  append(conversation, element("li", trouble ? "note trouble" : "note", text));
}

function movesOf(reply) {
  const last = reply.trimEnd().split("\n").at(-1).trim();
  if (!last.startsWith(MOVES)) return [];
  return last.slice(MOVES.length).split(MOVE_SEPARATOR).map((move) => move.trim()).filter(Boolean);
}

function refresh() {
  byId("typing").hidden = current.waiting === 0;
  if (current.waiting > 0) scroll.scrollTop = scroll.scrollHeight;
  const chips = current.moves.map((move) => {
    const chip = element("button", "chip", move);
    chip.type = "button";
    chip.addEventListener("click", () => {
      say(move);
      focusField();
    });
    return chip;
  });
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

async function post(act) {
  const response = await fetch(ENDPOINT, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(act),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `模拟器没有受理（HTTP ${response.status}）`);
  return answer;
}

function deliver(conversation, act, show) {
  conversation.waiting += 1;
  conversation.moves = [];
  refresh();
  conversation.queue = conversation.queue.then(async () => {
    let answer = null;
    let trouble = null;
    try {
      answer = await post({ user: conversation.user, ...act });
    } catch (error) {
      trouble = error instanceof TypeError ? "模拟器没有运行" : error.message;
    }
    conversation.waiting -= 1;
    byId("typing").hidden = current.waiting === 0;
    if (answer === null) showNote(conversation, trouble, true);
    else {
      showWire(answer);
      show(answer);
    }
    refresh();
    if (conversation === current) reveal(conversation.log.lastElementChild);
  });
}

function perform(conversation, act) {
  conversation.sent = true;
  deliver(conversation, act, (answer) => {
    conversation.reply = answer.reply;
    if (answer.status !== 200) showNote(conversation, `回调没有受理（HTTP ${answer.status}）`, true);
    else if (answer.reply === null) showNote(conversation, "已送达，应用没有答复");
    else {
      showTurn(conversation, answer.reply, false);
      conversation.moves = movesOf(answer.reply);
    }
  });
}

function say(text) {
  showTurn(current, text, true);
  perform(current, { text });
}

function enter(conversation) {
  conversation.entered = true;
  showNote(conversation, `${nameOf(conversation.user)}进入应用`);
  perform(conversation, { event: "enter_agent" });
}

function redeliver(way) {
  const conversation = current;
  const { reply: before, moves } = conversation;
  deliver(conversation, { redeliver: way }, (answer) => {
    conversation.moves = moves;
    if (answer.status === 200 && answer.reply === before) showNote(conversation, "已重推，答复与上次逐字相同");
    else {
      showNote(conversation, `已重推，答复与上次不同（HTTP ${answer.status}）`, true);
      if (answer.reply !== null) showTurn(conversation, answer.reply, false);
    }
  });
}

function switchTo(user) {
  current = conversations.get(user);
  for (const conversation of conversations.values()) conversation.log.hidden = conversation !== current;
  byId("whose").textContent = nameOf(user);
  refresh();
  scroll.scrollTop = scroll.scrollHeight;
  if (!current.entered) enter(current);
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
byId("plus").addEventListener("click", () => toggleExtras(byId("extras").hidden));
byId("extras").addEventListener("click", (event) => {
  const { media } = event.target.dataset;
  if (!media) return;
  toggleExtras(false);
  showTurn(current, MEDIA[media], true);
  perform(current, { media });
});
byId("enter").addEventListener("click", () => enter(current));
byId("redeliver").addEventListener("click", () => redeliver("same"));
byId("redeliver-fresh").addEventListener("click", () => redeliver("fresh"));
document.querySelectorAll("input[name=user]").forEach((choice) => {
  choice.addEventListener("change", () => switchTo(choice.value));
});

fit();
focusField();
switchTo(document.querySelector("input[name=user]:checked").value);
