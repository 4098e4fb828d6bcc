// Of tabs that do not fit side by side, the current one is in sight.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const bar = tab.parentElement;
  const middle = (box) => box.left + box.width / 2;
  bar.scrollLeft += middle(tab.getBoundingClientRect()) - middle(bar.getBoundingClientRect());
}
