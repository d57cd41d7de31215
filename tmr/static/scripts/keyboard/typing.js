// Whether a key goes into a text or another field, so that it is no shortcut.
export const isTyping = (target) => target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
