// Forms: one submission at a time, errors brought to attention, passwords shown on request, files named.

// --- Busy buttons -------------------------------------------------------------------------------------------
function busy(form, submitter) {
  const button = submitter ?? form.querySelector('button:not([type="button"])');
  if (!button) return;
  form.dataset.busy = "";
  button.setAttribute("aria-busy", "true");
}

function rest(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll('[aria-busy="true"]')) button.removeAttribute("aria-busy");
  if (form.id) {
    for (const button of document.querySelectorAll(`button[form="${form.id}"]`)) button.removeAttribute("aria-busy");
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.matches("[data-theme-form]")) return;
    if ("busy" in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // A listener further on may still refuse the submission.
    setTimeout(() => {
      const sent = !event.defaultPrevented || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], [hx-get]");
      if (sent && form.method !== "dialog") busy(form, event.submitter);
    });
  },
  true,
);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) rest(form);
});
// Coming back with the browser's button shows the page as it was left.
addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(rest));

// --- The server judges; the browser's own bubbles would speak another language ------------------------------
function prepare(scope) {
  for (const form of scope.querySelectorAll('form[method="post"]')) form.noValidate = true;
  for (const button of scope.querySelectorAll("[data-reveal]")) button.hidden = false;
}

// --- Errors: the summary, or else the first wrong field, gets the focus -------------------------------------
function announce(scope) {
  if (scope.querySelector("[data-sample]")) return;
  const target = scope.querySelector("[data-errors]") ?? scope.querySelector('[aria-invalid="true"]');
  target?.focus();
}

document.addEventListener("htmx:load", (event) => {
  prepare(event.target);
  if (event.target !== document.body) announce(event.target);
});
prepare(document);
announce(document);

// --- Passwords ----------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
});

// --- One-time codes: digits only, sent as soon as they are complete -----------------------------------------
document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-code]")) return;
  const digits = input.value.replace(/\D/g, "").slice(0, Number(input.dataset.code));
  if (digits !== input.value) input.value = digits;
  if (digits.length === Number(input.dataset.code) && "autosubmit" in input.dataset) input.form.requestSubmit();
});
// Pasted text may hold spaces or dashes, which maxlength would cut the digits by.
document.addEventListener("paste", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-code]")) return;
  event.preventDefault();
  input.value = event.clipboardData.getData("text").replace(/\D/g, "").slice(0, Number(input.dataset.code));
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

// --- Uploads ------------------------------------------------------------------------------------------------
document.addEventListener("change", (event) => {
  const input = event.target;
  const name = input.closest?.("[data-upload]")?.querySelector(".upload__name");
  if (input.type === "file" && name) name.textContent = [...input.files].map((file) => file.name).join(", ");
});
for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(kind, (event) => {
    const area = event.target.closest?.(".upload");
    if (!area) return;
    event.preventDefault();
    area.toggleAttribute("data-over", over);
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const input = area.querySelector('input[type="file"]');
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
