// Tells the style sheets that scripts run: first of all, since nothing can be focused that is still hidden.
document.documentElement.classList.add("js");
