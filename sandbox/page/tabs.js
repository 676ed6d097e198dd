// Tabs, as the ARIA Authoring Practices want them: arrows move between them.

/** ``list`` holds buttons with ``role=tab`` whose ``aria-controls`` names their panel. */
export function makeTabs(list) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const choose = (chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
  };
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const place = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
    choose(tabs[place]);
    tabs[place].focus();
  };
  for (const tab of tabs) tab.onclick = () => choose(tab);
  list.onkeydown = move;
  choose(tabs[0]);
  return choose;
}
