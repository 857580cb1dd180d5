// Copies the text for a 公众号 with its styles, as a browser copies what is selected; works without https too.
// Without this the page of its own is opened, selected and copied by hand.

function copyRich(html, plain) {
  let done = false;
  const put = (event) => {
    event.clipboardData.setData("text/html", html);
    event.clipboardData.setData("text/plain", plain);
    event.preventDefault();
    done = true;
  };
  document.addEventListener("copy", put, { once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", put);
  return done;
}

for (const button of document.querySelectorAll("[data-copy-rich]")) {
  const box = document.getElementById(button.dataset.copyRich);
  button.hidden = false;
  button.addEventListener("click", () => {
    const bare = box.value.replaceAll(/ style="[^"]*"/g, "").replaceAll("</", "\n</"); // styles would trip this page's policy
    const text = new DOMParser().parseFromString(bare, "text/html").body.textContent;
    button.textContent = copyRich(box.value, text) ? button.dataset.done : button.dataset.failed;
  });
}
