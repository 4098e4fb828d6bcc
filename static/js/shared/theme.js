// The theme is a cookie, so that the server can write it into the page; here it only changes without a reload.
const root = document.documentElement;
const dark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

function apply(theme) {
  root.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    if (meta.dataset[theme]) meta.content = meta.dataset[theme];
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  apply(dark() ? "light" : "dark");
});
