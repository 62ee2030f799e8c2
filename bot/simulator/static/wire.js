// What the page says to the simulator and hears from it. Nothing here touches the document.

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("模拟器没有运行");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `模拟器没有受理（HTTP ${response.status}）`);
  return answer;
}

const asJson = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const post = (act) => ask("/simulator/messages", asJson(act));

export const postFault = (fault) => ask("/simulator/faults", asJson({ fault }));

export const postFile = (user, file) =>
  ask(`/simulator/files?${new URLSearchParams({ user, name: file.name })}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });

// Ask for news again and again; each request waits on the other side until there is some. Ends where nothing comes by itself.
export async function listen(hear) {
  let after = null;
  let wait = FIRST_PAUSE;
  for (;;) {
    try {
      const news = await ask(after === null ? "/simulator/updates" : `/simulator/updates?after=${after}`);
      hear(news);
      if (!news.live) return;
      // Answered at once and with nothing: too many ask, or the simulator is ending.
      if (news.at === after && news.messages.length === 0) await pause(100);
      // A simulator that was started anew counts from the beginning.
      after = news.at < after ? 0 : news.at;
      wait = FIRST_PAUSE;
    } catch {
      await pause(wait);
      wait = Math.min(2 * wait, LONGEST_PAUSE);
    }
  }
}
