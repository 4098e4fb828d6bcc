// Pages that people need on the way (their coming visits) stay readable offline. Only a page that carries data-offline
// is kept, under the mark of its person, and those behind its links with data-offline-too; once nobody is signed in,
// or somebody else is, all are forgotten.
const workers = navigator.serviceWorker;

async function register(page) {
  const { active, installing, waiting } = await workers.register("/service-worker.js");
  if (!(active ?? waiting ?? installing)) return;
  const ready = await workers.ready;
  const too = [...document.querySelectorAll("a[data-offline-too]")].map((link) => link.href);
  ready.active.postMessage({ type: "keep", url: location.href, person: page.dataset.offline, too: [...new Set(too)] });
}

async function forget() {
  // Not the controller alone: a page that was reloaded past the worker has none.
  const registration = await workers.getRegistration();
  registration?.active?.postMessage({ type: "forget" });
}

function tell() {
  const page = document.querySelector("[data-offline]");
  if (page) register(page).catch(() => {});
  else if ("anonymous" in document.body.dataset) forget().catch(() => {});
}

if (workers) {
  tell();
  // What changed while the page was open is kept as it is now.
  document.addEventListener("htmx:load", (event) => {
    if (event.target.matches?.("[data-offline]")) tell();
  });
}
