// Sorting by distance: <select data-nearest="label"> gets that choice where the browser can tell a position, and the
// position goes into the form's hidden fields lat and lng.
function hidden(form, name) {
  let input = form.querySelector(`input[type="hidden"][name="${name}"]`);
  if (!input) {
    input = Object.assign(document.createElement("input"), { type: "hidden", name });
    form.append(input);
  }
  return input;
}

function offer(select) {
  if (!navigator.geolocation || select.querySelector('option[value="distance"]')) return;
  select.append(new Option(select.dataset.nearest, "distance"));
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
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        hidden(form, "lat").value = coords.latitude.toFixed(4);
        hidden(form, "lng").value = coords.longitude.toFixed(4);
        form.requestSubmit();
      },
      () => {
        select.selectedIndex = 0;
        document.dispatchEvent(new CustomEvent("toast", { detail: { text: select.dataset.nowhere, tone: "info" } }));
      },
      { maximumAge: 600_000, timeout: 10_000 },
    );
  },
  true,
);

const offerAll = (scope) => scope.querySelectorAll?.("select[data-nearest]").forEach(offer);
document.addEventListener("htmx:load", (event) => offerAll(event.target));
offerAll(document);
