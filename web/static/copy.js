// Copies the text of a box that stands on the page anyway. Without this, or without https, it is selected by hand.

async function copied(box) {
  box.focus();
  box.select();
  box.setSelectionRange(0, box.value.length); // what iOS asks for beside select()
  try {
    await navigator.clipboard.writeText(box.value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const box = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copied(box);
    button.textContent = done ? button.dataset.done : (button.dataset.failed ?? button.textContent);
  });
}
