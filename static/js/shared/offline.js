// Pages that people need on the way (their visits, their prescriptions) stay readable offline. Only a page that
// carries data-offline is kept; signing out forgets them all.
const keep = document.querySelector("[data-offline]");
const workers = navigator.serviceWorker;

async function register() {
  const { active, installing, waiting } = await workers.register("/service-worker.js");
  if (!(active ?? waiting ?? installing)) return;
  const ready = await workers.ready;
  ready.active.postMessage({ type: "keep", url: location.href });
}

if (workers && keep) register().catch(() => {});
else if (workers?.controller && "anonymous" in document.body.dataset) workers.controller.postMessage({ type: "forget" });
