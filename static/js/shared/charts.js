// Tooltips of charts: the numbers are in the page (titles and the table); this only shows them at once.
let tip;

function hide() {
  tip?.remove();
  tip = undefined;
  document.querySelectorAll(".hit[data-active]").forEach((hit) => hit.removeAttribute("data-active"));
}

function show(hit) {
  const figure = hit.closest("[data-chart]");
  hide();
  hit.querySelector("title")?.remove();
  hit.setAttribute("data-active", "");
  tip = document.createElement("div");
  tip.className = "chart__tip";
  tip.setAttribute("aria-hidden", "true");
  tip.textContent = hit.dataset.tip;
  figure.append(tip);
  const frame = figure.getBoundingClientRect();
  const box = hit.getBoundingClientRect();
  // Beside the column, so that neither its bar nor the title is covered.
  const right = box.right - frame.left + 4;
  const left = right + tip.offsetWidth > frame.width ? box.left - frame.left - tip.offsetWidth - 4 : right;
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${box.top - frame.top}px`;
}

document.addEventListener("pointerover", (event) => {
  const hit = event.target.closest?.(".hit[data-tip]");
  if (hit) show(hit);
  else if (tip && !event.target.closest?.("[data-chart]")) hide();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
