// What mdBook's pages lack for a reader who has no mouse or does not see them.
'use strict';

// The button of the contents is a label, which no key reaches. A real button
// stands in for it, and presses it.
(function contents() {
    const label = document.getElementById('mdbook-sidebar-toggle');
    const state = document.getElementById('mdbook-sidebar-toggle-anchor');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = label.className;
    button.title = label.title;
    button.setAttribute('aria-label', label.title);
    button.setAttribute('aria-controls', 'mdbook-sidebar');
    button.append(...label.childNodes);
    const say = () => button.setAttribute('aria-expanded', state.checked);
    button.addEventListener('click', () => label.click());
    state.addEventListener('change', say);
    say();
    label.classList.add('hidden');
    label.after(button);
})();

// Every part of the page has a name to jump to.
(function landmarks() {
    const role = (id, role) => {
        document.getElementById(id)?.setAttribute('role', role);
    };
    role('mdbook-menu-bar', 'banner');
    role('mdbook-search-wrapper', 'search');
    const search = document.getElementById('mdbook-searchbar');
    search?.setAttribute('aria-label', 'Search this book');
})();

// The empty corner of a table is the heading of nothing.
for (const cell of document.querySelectorAll('main th:empty')) {
    cell.replaceWith(document.createElement('td'));
}

// What is wider than the page can be reached and scrolled with the keys, and
// then the arrows do not turn the page.
(function scrolling() {
    const wide = 'main pre > code, main .table-wrapper, main figure.picture';
    const scrolls = part => part.scrollWidth > part.clientWidth;
    const reach = () => {
        for (const part of document.querySelectorAll(wide)) {
            if (scrolls(part)) {
                part.setAttribute('tabindex', '0');
            } else {
                part.removeAttribute('tabindex');
            }
        }
    };
    document.fonts.ready.then(reach);
    window.addEventListener('resize', reach);
    reach();
    window.addEventListener('keydown', event => {
        const sideways = ['ArrowLeft', 'ArrowRight'].includes(event.key);
        const part = event.target.closest?.(wide);
        if (sideways && part && scrolls(part)) {
            event.stopPropagation();
        }
    }, true);
})();
