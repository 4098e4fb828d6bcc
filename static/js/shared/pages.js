// Small things of single pages.

// Chat and logs open at their end.
const toEnd = (scope) => scope.querySelectorAll('[role="log"]').forEach((log) => (log.scrollTop = log.scrollHeight));
document.addEventListener("htmx:load", (event) => toEnd(event.target.parentElement ?? event.target));
toEnd(document);

// Of tabs that do not fit side by side, the current one is in sight.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const bar = tab.parentElement;
  const middle = (box) => box.left + box.width / 2;
  bar.scrollLeft += middle(tab.getBoundingClientRect()) - middle(bar.getBoundingClientRect());
}

// <time data-scroll-to> inside a scrolling box: a day opens at the present hour.
document.querySelector("[data-scroll-to]")?.scrollIntoView({ block: "center" });

// Copy buttons: <button data-copy="text" data-done="Copied">
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: button.dataset.done, tone: "ok" } }));
});

// Print buttons.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
