// Passkeys. A form marked data-passkey ("add", "use" or "sign-in") gets its hidden credential from the browser
// and is sent. What the browser must do stands in the form as JSON, or for "sign-in" at the form's own address.

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const named = (list) => (list ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));

function create(options, alone) {
  const asked = options.publicKey;
  const selection = { ...asked.authenticatorSelection, residentKey: alone ? "required" : "discouraged" };
  selection.requireResidentKey = alone;
  if (alone) selection.userVerification = "required";
  return navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
      authenticatorSelection: selection,
    },
  });
}

function get(options) {
  const asked = options.publicKey;
  return navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });
}

function asJson(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = text(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  });
}

async function options(form) {
  const holder = form.querySelector('script[type="application/json"]');
  if (holder) return JSON.parse(holder.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`No options: ${answer.status}`);
  return (await answer.json()).request_options;
}

async function run(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    const asked = await options(form);
    const alone = form.elements.passwordless?.checked ?? false;
    const credential = form.dataset.passkey === "add" ? await create(asked, alone) : await get(asked);
    form.elements.credential.value = asJson(credential);
    form.submit();
  } catch {
    // Cancelled, timed out, or not possible here: the other ways stay open.
    problem.hidden = false;
    problem.focus();
  }
}

const possible = "credentials" in navigator && "PublicKeyCredential" in window;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-passkey-button]");
  form.hidden = !possible && form.dataset.passkey !== "add";
  button.hidden = !possible;
  button.addEventListener("click", () => run(form));
}
