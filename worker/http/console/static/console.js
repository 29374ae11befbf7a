// Renews a page that says so, while somebody can see it and nobody is writing in it. Without this
// script everything works; the page has a link that does the same.
"use strict";
(() => {
  const here = document.querySelector(".top nav a[aria-current]");
  if (here) here.scrollIntoView({ inline: "center", block: "nearest" });
  const main = document.querySelector("main[data-renew]");
  if (!main) return;
  const seconds = Number(main.dataset.renew);
  const busy = () =>
    document.hidden || document.querySelector("main :is(input, select, textarea, dialog):focus");
  const keep = (fresh) => {
    for (const old of document.querySelectorAll("main details[open][id]")) {
      const again = fresh.getElementById(old.id);
      if (again) again.open = true;
    }
    for (const old of document.querySelectorAll("main input[type=checkbox]:checked")) {
      const again = fresh.getElementById(old.id);
      if (again) again.checked = true;
    }
  };
  const renew = async () => {
    if (busy()) return;
    const answer = await fetch(location.href, { headers: { "X-Renewed": "1" } });
    // signed out meanwhile: the next page asks for the password, this one is not taken away
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = fresh.querySelector("main[data-renew]");
    if (!next || busy()) return;
    keep(fresh);
    const focused = document.activeElement && document.activeElement.id;
    main.replaceChildren(...next.childNodes);
    const again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
  };
  setInterval(() => renew().catch(() => {}), seconds * 1000);
})();
