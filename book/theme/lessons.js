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

// A long name in a table may be broken at its joints: after `::`, `.`, `_` and
// `(`. Only a phone does it.
for (const code of document.querySelectorAll('main td code')) {
    for (const text of [...code.childNodes]) {
        const parts = text.textContent.split(/(?<=::|[._(])(?=[A-Za-z])/);
        if (text.nodeType === Node.TEXT_NODE && parts.length > 1) {
            const broken = parts.flatMap((part, i) =>
                i ? [document.createElement('wbr'), part] : [part]);
            text.replaceWith(...broken);
        }
    }
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

// Python and the Rust that answers it stand below each other. Where the page
// is wide, they stand side by side, the words between them under the Python.
(function pairs() {
    const columns = pre => {
        const lines = pre.textContent.split('\n').map(line => line.length);
        return Math.max(40, ...lines);
    };
    const pythons = document.querySelectorAll(
        'main > pre:has(> .language-python)');
    for (const python of pythons) {
        const words = [];
        let rust = python.nextElementSibling;
        while (rust?.matches('p, ul, ol')) {
            words.push(rust);
            rust = rust.nextElementSibling;
        }
        if (!rust?.querySelector(':scope > .language-rust')) {
            continue;
        }
        const [pair, left] = [0, 0].map(() => document.createElement('div'));
        const [ours, theirs] = [columns(rust), columns(python)];
        pair.className = ours + theirs > 142 ? 'pair long' : 'pair';
        pair.style.setProperty('--python', `${theirs + 4}fr`);
        pair.style.setProperty('--rust', `${ours + 4}fr`);
        python.before(pair);
        left.append(python, ...words);
        pair.append(left, rust);
    }
})();

// The arrows say where they lead.
(function arrows() {
    const of = way => {
        const links = document.querySelectorAll(`nav > a.${way}`);
        const contents = document.querySelectorAll('#mdbook-sidebar a[href]');
        const there = [...contents].find(link => link.href === links[0]?.href);
        return [links, there?.textContent.trim()];
    };
    for (const [way, word] of [['previous', 'Previous'], ['next', 'Next']]) {
        const [links, title] = of(way);
        for (const link of title ? links : []) {
            link.title = `${word}: ${title}`;
            link.setAttribute('aria-label', link.title);
            if (link.matches('.mobile-nav-chapters')) {
                const text = document.createElement('span');
                const small = document.createElement('small');
                small.textContent = `${word}: `;
                text.append(small, title);
                link.append(text);
            }
        }
    }
    const sides = document.querySelector('.nav-wide-wrapper');
    sides?.setAttribute('aria-label', 'Turn the page');
})();

// What is copied from a terminal is the command, without its answer.
(function copying() {
    const whole = window.playground_text;
    const command = text => {
        const lines = text.split('\n');
        const end = lines.findIndex(line => !line.startsWith('$ '));
        const bare = line => line.slice(2).replace(/ +# status \d+$/, '');
        return lines.slice(0, end < 0 ? lines.length : end).map(bare);
    };
    window.playground_text = (pre, ...rest) => {
        const text = whole(pre, ...rest);
        return command(text).join('\n') || text;
    };
    const kinds = [['python', 'Python'], ['rust', 'Rust'],
        ['console', 'command'], ['', 'text']];
    for (const button of document.querySelectorAll('.clip-button')) {
        const code = button.closest('pre').querySelector('code');
        const [, kind] = kinds.find(([name]) => code.className.includes(name));
        button.type = 'button';
        button.title = `Copy the ${kind}`;
        button.setAttribute('aria-label', button.title);
        button.firstChild.setAttribute('role', 'status');
    }
})();

// The search knows `threading.Lock()` by that name only. It shall find each
// word of such a name, and each word of a name that is searched for.
(function search() {
    const load = elasticlunr.Index.load;
    elasticlunr.tokenizer.setSeperator(/[^\p{L}\p{N}_]+/u);
    elasticlunr.Index.load = (...saved) => {
        const index = load.apply(elasticlunr.Index, saved);
        for (const [ref, doc] of Object.entries(index.documentStore.docs)) {
            for (const field of index.getFields()) {
                const words = elasticlunr.tokenizer(doc[field]);
                const known = index.index[field];
                for (const word of new Set(index.pipeline.run(words))) {
                    if (!known.getTermFrequency(word, ref)) {
                        known.addToken(word, { ref, tf: 1 });
                    }
                }
            }
        }
        return index;
    };
})();
