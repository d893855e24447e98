"""Filling an officer's outbox by the report form itself, and counting what arrived."""

# On the page of the report: so many reports with so many photos each, saved as a person would; returns the digests of
# all photos as they lie on the phone.
QUEUE = """async ([mark, first, count, photos]) => {
    const form = document.querySelector("form[data-report]");
    const digest = async (bytes) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
        .map((one) => one.toString(16).padStart(2, "0")).join("");
    const picture = async () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 960, height: 720 });
        const pen = canvas.getContext("2d");
        for (let shape = 0; shape < 400; shape += 1) {
            pen.fillStyle = `hsl(${Math.random() * 360} 60% ${20 + Math.random() * 60}%)`;
            pen.fillRect(Math.random() * 960, Math.random() * 720, 8 + Math.random() * 90, 8 + Math.random() * 90);
        }
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
        return new File([blob], "photo.jpg", { type: "image/jpeg" });
    };
    const until = async (test) => { while (!test()) await new Promise((done) => setTimeout(done, 10)); };
    const held = (item) => new Promise((done) => {
        const asked = indexedDB.open("gridgov", 1);
        asked.onsuccess = () => {
            const found = asked.result.transaction("photos").objectStore("photos").index("of").getAll(item.id);
            found.onsuccess = () => { asked.result.close(); done(found.result.map((one) => one.bytes)); };
        };
    });
    const digests = [];
    for (let number = first; number < first + count; number += 1) {
        const files = new DataTransfer();
        for (let one = 0; one < photos; one += 1) files.items.add(await picture());
        const input = form.querySelector("[data-name=photos] input[multiple]");
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
        await until(() => form.querySelectorAll("[data-name=photos] .picture:not([aria-busy])").length === photos);
        form.querySelector(".tile input").checked = true;
        form.querySelector("[name=description]").value = `${mark} ${number}`;
        const saved = new Promise((done) => form.addEventListener("outbox:saved", done, { once: true }));
        form.requestSubmit(form.querySelector(".phone-action button"));
        for (const bytes of await held((await saved).detail.item)) digests.push(await digest(bytes));
        await until(() => form.hidden);
        document.querySelector("[data-saved-another]").click();
        await until(() => !form.querySelector(".picture") && !form.hidden);
    }
    return digests;
}"""

# How many items still wait on the phone.
LEFT = """() => new Promise((done) => {
    const asked = indexedDB.open("gridgov", 1);
    asked.onsuccess = () => {
        const found = asked.result.transaction("items").objectStore("items").getAll();
        found.onsuccess = () => {
            asked.result.close();
            done(found.result.filter((one) => one.state !== "done").length);
        };
    };
})"""
