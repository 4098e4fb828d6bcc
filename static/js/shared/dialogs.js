// True modal dialogs: <button data-dialog="id"> opens <dialog id>, [data-close] inside it closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog, [popover]")?.[closer.closest("dialog") ? "close" : "hidePopover"]();
  // A click on the backdrop reaches the dialog itself, outside its box.
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});
// Choosing from a menu closes it.
document.addEventListener("click", (event) => {
  const menu = event.target.closest(".menu[popover]");
  if (menu && event.target.closest("a, button")) menu.hidePopover();
});
document.addEventListener("closeDialog", () => document.querySelectorAll("dialog[open]").forEach((d) => d.close()));
