/* Photos of a report: shown at once, made smaller before they travel (1600 px, JPEG), removable. Without this script the
   two file inputs simply work. All photos end up in the second input; the first only opens the camera. */

const MOST_SIDE = 1600;
const QUALITY = 0.72;
const SMALL_ENOUGH = 300 * 1024;

for (const field of document.querySelectorAll("[data-pictures]")) improve(field);

function improve(field) {
  const inputs = [...field.querySelectorAll("input[type=file]")];
  const keeper = inputs[inputs.length - 1];
  try {
    keeper.files = new DataTransfer().files;
  } catch {
    return;
  }
  field.dataset.ready = "";
  const chosen = [];
  const most = Number(field.dataset.most);
  const note = field.querySelector("[data-pictures-note]");
  const list = field.querySelector("[data-pictures-list]");

  for (const input of inputs) {
    input.addEventListener("change", () => {
      const fresh = [...input.files].map((file) => ({ file, camera: "camera" in input.dataset }));
      input.value = "";
      note.hidden = chosen.length + fresh.length <= most;
      note.textContent = note.hidden ? "" : field.dataset.wordsMost;
      for (const one of fresh.slice(0, most - chosen.length)) {
        chosen.push(one);
        one.taken = one.camera ? new Date(one.file.lastModified).toISOString() : "";
        shrink(one).finally(apply);
      }
      apply();
    });
  }

  function apply() {
    const transfer = new DataTransfer();
    for (const one of chosen) transfer.items.add(one.file);
    keeper.files = transfer.files;
    field.toggleAttribute("data-full", chosen.length >= most);
    list.replaceChildren(...chosen.map(draw));
    field.dispatchEvent(new CustomEvent("pictures", { bubbles: true }));
  }

  function draw(one, place) {
    const box = document.createElement("div");
    box.className = "picture";
    const picture = new Image();
    one.url ??= URL.createObjectURL(one.file);
    picture.src = one.url;
    picture.alt = `${field.dataset.wordsPhoto} ${place + 1}`;
    const taken = document.createElement("input");
    Object.assign(taken, { type: "hidden", name: `${keeper.name}_taken`, value: one.taken });
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `${field.dataset.wordsRemove}: ${picture.alt}`);
    remove.addEventListener("click", () => {
      chosen.splice(chosen.indexOf(one), 1);
      note.hidden = true;
      apply();
      inputs[0].focus();
    });
    box.append(picture, remove, taken);
    return box;
  }
}

/* What cannot be read here travels as it is; the server says whether it is a photo. */
async function shrink(one) {
  if (!one.file.type.startsWith("image/") || one.file.size <= SMALL_ENOUGH) return;
  const picture = new Image();
  picture.src = URL.createObjectURL(one.file);
  try {
    await picture.decode();
    const scale = Math.min(1, MOST_SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.naturalWidth * scale);
    canvas.height = Math.round(picture.naturalHeight * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (small && small.size < one.file.size) {
      one.file = new File([small], "photo.jpg", { type: "image/jpeg", lastModified: one.file.lastModified });
    }
  } catch {
    return;
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}
