// Every page, at every size: no page may report an error, scroll sideways,
// cut something off or shut a reader out.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
    address, ALL, choose, open, pages, SIZES, violations,
} from './book.mjs';

const { PHONE, DESKTOP, TABLET, WIDE } = SIZES;
const THEMES = ALL
    ? ['light', 'navy', 'rust', 'coal', 'ayu']
    : ['light', 'navy'];

for (const size of ALL ? [PHONE, TABLET, DESKTOP, WIDE] : [PHONE, DESKTOP]) {
    test(`every page is sound on a ${size.name}`, async () => {
        const page = await open(size);
        const faults = [];
        const seen = { pairs: 0, scrolling: 0 };
        for (const name of pages) {
            await page.goto(address(name));
            const { found, pairs, scrolling } = await page.evaluate(inspect);
            seen.pairs += pairs.length;
            seen.scrolling += scrolling;
            found.push(...pairs.flatMap(pair => faultOfPair(pair, size)));
            found.push(...await violations(page, 'all but contrast'));
            for (const theme of THEMES) {
                await choose(page, theme);
                const pale = await violations(page, 'contrast');
                found.push(...pale.map(fault => `${theme}: ${fault}`));
                await takePicture(page, `${name} ${size.name} ${theme}`);
            }
            found.push(...page.messages.splice(0));
            faults.push(...found.map(fault => `${name}: ${fault}`));
        }
        await page.close();
        assert.deepEqual(faults, []);
        if (pages.length > 20) {
            assert.ok(seen.pairs > 40, `${seen.pairs} pairs of programs`);
            const wide = seen.scrolling > 20 || size !== PHONE;
            assert.ok(wide, 'timelines are wider than a phone');
        }
    });
}

/** Python and Rust share a line where there is room for both. */
function faultOfPair({ begins, beside, scrolls }, size) {
    if (beside !== (size === WIDE)) {
        return [`${begins}: side by side only on a wide screen`];
    }
    return scrolls && size === WIDE ? [`${begins}: must be scrolled`] : [];
}

/** Runs in the page: what is wrong with its layout. */
function inspect() {
    const all = selector => [...document.querySelectorAll(selector)];
    const begin = part => part.textContent.trim().slice(0, 40);
    const found = [];

    // What scrolls by itself, a figure or a long line of code, may be wide.
    const fixed = 'html, body, .page, .content, main, main > p, '
        + 'main > blockquote';
    for (const part of all(fixed)) {
        if (part.scrollWidth > part.clientWidth + 1) {
            found.push(`${part.localName} is wider than the window: `
                + `${part.scrollWidth} in ${part.clientWidth}`);
        }
    }

    // The texts of a picture are neither cut off nor touch each other.
    for (const svg of all('main figure.picture svg')) {
        const whole = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].map(
            text => [text.textContent, text.getBoundingClientRect()]);
        texts.forEach(([text, box], i) => {
            if (box.left < whole.left - 2 || box.right > whole.right + 1) {
                found.push(`${text}: cut off`);
            }
            for (const [other, its] of texts.slice(i + 1)) {
                if (box.left < its.right + 2 && its.left < box.right + 2
                    && box.top + 3 < its.bottom && its.top + 3 < box.bottom) {
                    found.push(`${text}: touches ${other}`);
                }
            }
        });
    }

    // What must be scrolled says so on a phone, and only then.
    let scrolling = 0;
    for (const part of all('main figure.picture, main .table-wrapper')) {
        const scrolls = part.scrollWidth > part.clientWidth;
        const hint = getComputedStyle(part, '::before').content;
        scrolling += scrolls;
        if (innerWidth < 600 && scrolls !== hint.includes('slide it')) {
            found.push(`${begin(part)}: scrolls: ${scrolls}, says: ${hint}`);
        }
    }

    // Every block of code can be copied, also a folded one.
    all('main details').forEach(part => { part.open = true; });
    for (const code of all('main pre > code')) {
        const button = code.parentNode.querySelector('.clip-button');
        const sound = button?.ariaLabel.startsWith('Copy the ')
            && button.checkVisibility({ visibilityProperty: true });
        if (!sound) {
            found.push(`${begin(code)}: no button to copy it`);
        }
    }

    const pairs = all('main > .pair').map(pair => {
        const [python, rust] = ['python', 'rust'].map(
            name => pair.querySelector(`.language-${name}`));
        const [left, right] = [python, rust].map(
            code => code.getBoundingClientRect());
        return {
            begins: begin(python),
            beside: left.top === right.top && left.right < right.left,
            scrolls: [python, rust].some(
                code => code.scrollWidth > code.clientWidth),
        };
    });
    return { found, pairs, scrolling };
}

async function takePicture(page, name) {
    const folder = process.env.SCREENSHOTS;
    if (folder) {
        mkdirSync(folder, { recursive: true });
        const file = `${name.replace('.html', '').replaceAll(' ', '-')}.png`;
        await page.screenshot({ path: path.join(folder, file), fullPage: true });
    }
}

test('every fault of a broken page is found', async () => {
    const page = await open(PHONE);
    await page.goto(`data:text/html,<!doctype html><html lang=en>
        <title>A page</title>
        <meta name=viewport content='width=device-width'>
        <main style='overflow:auto'>
        <h1 style='color:%23ccc;background:%23fff'>Pale</h1>
        <img src='data:,'><pre><code>no button</code></pre>
        <div style='width:1000px;height:9px'></div></main>
        <script>no_such_function()</script>`);
    const { found } = await page.evaluate(inspect);
    found.push(...await violations(page), ...page.messages);
    for (const fault of ['main is wider', 'no button to copy',
        'image-alt', 'color-contrast', 'no_such_function']) {
        assert.ok(found.join('\n').includes(fault), `${fault} in ${found}`);
    }
});
