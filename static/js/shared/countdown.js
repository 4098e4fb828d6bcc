// The ring of a hold. The server writes the first state; here it ticks, by the clock and not by counting, so that
// a sleeping tab is right when it wakes. Readers hear it at five, two and one minute, not every second.
const ANNOUNCE = [300, 120, 60];
const voice = document.getElementById("announcer");

function start(ring) {
  if (ring.dataset.ticking !== undefined) return;
  ring.dataset.ticking = "";
  const total = Number(ring.dataset.countdown);
  const label = ring.querySelector("span");
  const arc = ring.querySelector("circle + circle");
  const [minutes, seconds] = label.textContent.trim().split(":").map(Number);
  // The server's remaining time counts, not its clock: the person's own clock may be wrong.
  const end = performance.now() + (minutes * 60 + seconds) * 1000;
  let before = Infinity;
  const timer = setInterval(tick, 1000);

  function tick() {
    if (!ring.isConnected) return clearInterval(timer);
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    label.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    arc.setAttribute("stroke-dasharray", `${(left / total) * 100} 100`);
    ring.toggleAttribute("data-low", left < 60);
    const mark = ANNOUNCE.find((value) => before > value && left <= value && left > value - 5);
    if (mark && voice) voice.textContent = voice.dataset.left.replace("#", String(mark / 60));
    before = left;
    if (left > 0) return;
    clearInterval(timer);
    ring.dispatchEvent(new CustomEvent("countdown:end", { bubbles: true }));
    if (ring.dataset.reload) location.assign(ring.dataset.reload);
  }
}

const startAll = (scope) => scope.querySelectorAll("[data-countdown]").forEach(start);
document.addEventListener("htmx:load", (event) => startAll(event.target.parentElement ?? event.target));
startAll(document);
