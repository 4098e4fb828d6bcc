// "This changed elsewhere": one WebSocket says which topics changed, and the parts of the page that show them fetch
// themselves again (hx-trigger="live"). The socket carries no data, so what a person may see is decided as ever.
const HEARTBEAT = 25_000;
const SLOWEST = 30_000;
let socket;
let heartbeat;
let attempt = 0;

const topics = () => [...new Set([...document.querySelectorAll("[data-live]")].flatMap((e) => e.dataset.live.split(" ")))];
const listeners = (topic) =>
  [...document.querySelectorAll("[data-live]")].filter((e) => !topic || e.dataset.live.split(" ").includes(topic));

// A change that comes while a part is being fetched may be missing in what comes: the new part is fetched once more.
const fetching = new WeakSet();
const missed = new Set();

function refresh(topic) {
  for (const element of listeners(topic)) {
    if (fetching.has(element)) missed.add(topic);
    else window.htmx?.trigger(element, "live");
  }
}

function catchUp() {
  const topics = [...missed];
  missed.clear();
  topics.forEach(refresh);
}

document.addEventListener("htmx:beforeRequest", (event) => fetching.add(event.detail.elt));
document.addEventListener("htmx:afterRequest", (event) => {
  fetching.delete(event.detail.elt);
  if (!event.detail.successful) catchUp();
});

function subscribe() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  // What changed while the page was on its way is told at once.
  const since = Number(document.body.dataset.askedAt) || undefined;
  socket.send(JSON.stringify({ type: "subscribe", topics: topics(), since }));
}

function connect() {
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  if (!topics().length) return;
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live/`);
  socket.addEventListener("open", () => {
    // Something may have changed while nobody was listening.
    if (attempt > 0) refresh();
    attempt = 0;
    subscribe();
    heartbeat = setInterval(subscribe, HEARTBEAT);
  });
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "changed") refresh(message.topic);
  });
  socket.addEventListener("close", (event) => {
    clearInterval(heartbeat);
    // 4401 and 4403: not signed in any more, not allowed. Asking again would change nothing.
    if (event.code === 4401 || event.code === 4403) return;
    attempt += 1;
    const pause = Math.min(SLOWEST, 500 * 2 ** Math.min(attempt, 6));
    setTimeout(connect, pause * (0.5 + Math.random()));
  });
}

document.addEventListener("htmx:load", () => {
  connect();
  subscribe();
  catchUp();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") connect();
});
connect();
