"""A package, so that its instance and its browser end with it: the browser's event loop must not outlive them."""
