// Where the person is, told by the browser when it is asked for: to sort doctors by distance
// (<select data-nearest="label" data-nowhere="sorry">) and to fill in an office's position (<button data-locate="id">).
function ask(found, control) {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => found(coords.latitude, coords.longitude),
    () => {
      if (control.tagName === "SELECT") control.selectedIndex = 0;
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: control.dataset.nowhere, tone: "info" } }));
    },
    { maximumAge: 600_000, timeout: 10_000 },
  );
}

// --- Sorting by distance ------------------------------------------------------------------------------------
function hidden(form, name) {
  let input = form.querySelector(`input[type="hidden"][name="${name}"]`);
  if (!input) {
    input = Object.assign(document.createElement("input"), { type: "hidden", name });
    form.append(input);
  }
  return input;
}

function offer(scope) {
  if (!navigator.geolocation) return;
  for (const select of scope.querySelectorAll("select[data-nearest]")) {
    if (!select.querySelector('option[value="distance"]')) select.append(new Option(select.dataset.nearest, "distance"));
  }
  for (const button of scope.querySelectorAll("[data-locate]")) button.hidden = false;
}

// Capturing: the form's own listener must not send the search before the position is known.
document.addEventListener(
  "change",
  (event) => {
    const select = event.target;
    if (!select.matches?.("select[data-nearest]") || select.value !== "distance") return;
    const form = select.form;
    if (form.querySelector('input[name="lat"]')?.value) return;
    event.stopPropagation();
    ask((latitude, longitude) => {
      // Four decimals are some ten metres; the address of the search need not tell more.
      hidden(form, "lat").value = latitude.toFixed(4);
      hidden(form, "lng").value = longitude.toFixed(4);
      form.requestSubmit();
    }, select);
  },
  true,
);

// --- An office's position -----------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-locate]");
  if (!button) return;
  ask((latitude, longitude) => {
    document.getElementById(button.dataset.locate).value = `${latitude.toFixed(6)}, ${longitude.toFixed(6)}`;
  }, button);
});

document.addEventListener("htmx:load", (event) => offer(event.target));
offer(document);
