// What a reader does with the book: turns its pages, copies code, searches,
// prints, gets lost.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { address, choose, open, SIZES, violations } from './book.mjs';

const { PHONE, DESKTOP, TABLET, WIDE } = SIZES;

test('the arrows say where they lead', async () => {
    for (const size of [WIDE, PHONE]) {
        const page = await open(size);
        await page.goto(address('lesson08_lock.html'));
        for (const [way, title] of [
            ['previous', 'Previous: Lesson 7: Threads'],
            ['next', 'Next: Lesson 9: RLock'],
        ]) {
            const names = await page.$$eval(`nav > a.${way}`,
                links => links.map(link => link.ariaLabel));
            assert.deepEqual(names, [title, title]);
            const shown = await page.innerText(`.content nav > a.${way}`);
            assert.equal(shown.replace(/\s+/g, ' ').trim(), title);
        }
        await page.click('.content nav > a.next');
        await page.waitForURL('**/lesson09_rlock.html');
        await page.close();
    }
});

test('a command and a program are copied with the keys', async () => {
    const page = await open(DESKTOP);
    await page.goto(address('lesson05_subprocess.html'));
    const copied = async (block, kind) => {
        await page.press(
            `main ${block} > .buttons > [aria-label="Copy the ${kind}"]`,
            'Enter');
        await page.waitForSelector('main .clip-button.tooltipped');
        await page.evaluate(() => {
            document.body.append(document.createElement('textarea'));
        });
        const area = page.locator('body > textarea').last();
        await area.press('ControlOrMeta+v');
        return area.inputValue();
    };
    // The lesson prints a line that begins with "$ " as well.
    const command = 'cargo run -p lesson05_subprocess -- call';
    assert.equal(await copied('pre:has-text("subprocess -- call")', 'command'), command);
    assert.match(await copied('pre', 'Python'), /^def /);
    await page.close();
});

test('paper is white in every theme, and cuts nothing off', async () => {
    const page = await open(TABLET);
    await page.addInitScript('window.print = () => {}');
    await page.goto(address('index.html'));
    await choose(page, 'navy');
    await page.emulateMedia({ media: 'print' });
    await page.goto(address('print.html'));
    const faults = await page.evaluate(() => {
        const all = selector => [...document.querySelectorAll(selector)];
        const light = ([r, g, b]) => 0.3 * r + 0.6 * g + 0.1 * b;
        const pale = part => {
            const style = getComputedStyle(part);
            const svg = part.localName === 'text';
            const ink = (svg ? style.fill : style.color).match(/[0-9.]+/g);
            return !part.closest('.tl-work, .on-colour')
                && light(ink.map(Number)) > 150;
        };
        const texts = 'main p, main li, main td, main th, main a, main h1, '
            + 'main h2, main code, main code span, main figcaption, svg text';
        const cut = part => part.scrollWidth > part.clientWidth + 1
            || part.getBoundingClientRect().right > innerWidth;
        const shown = part => part.checkVisibility();
        const begin = part => part.textContent.slice(0, 60);
        return [
            ...all(texts).filter(pale).map(part => `pale: ${begin(part)}`),
            ...all('main pre > code, main svg').filter(cut)
                .map(part => `cut off: ${begin(part)}`),
            ...all('nav, .clip-button').filter(shown)
                .map(part => `a button on paper: ${begin(part)}`),
        ];
    });
    await page.close();
    assert.deepEqual(faults.slice(0, 20), []);
});

// What the search must find, by its name in Python and in Rust.
const NAMES = {
    lesson00_fork: 'os.fork fork getpid getppid nix waitpid',
    lesson01_process: 'multiprocessing.Process Process active_children '
        + 'cpu_count exitcode Command std::process::Command',
    lesson02_daemon: 'daemon setDaemon daemon=True setsid Drop',
    lesson03_join: 'join is_alive wait_timeout thread::scope JoinHandle',
    lesson04_pool: 'Pool multiprocessing.Pool apply_async map_async '
        + 'terminate rayon par_iter',
    lesson05_subprocess: 'subprocess subprocess.call Popen communicate Exec '
        + 'Stdio::piped',
    lesson06_process_queue: 'multiprocessing.Queue Pipe Value shared_memory '
        + 'mmap memmap2',
    lesson07_threads: 'threading.Thread Thread current_thread thread::spawn '
        + 'num_cpus',
    lesson08_lock: 'threading.Lock Lock acquire Mutex std::sync::Mutex '
        + 'Mutex::lock try_lock_for',
    lesson09_rlock: 'threading.RLock RLock ReentrantMutex '
        + 'parking_lot::ReentrantMutex',
    lesson10_condition: 'threading.Condition Condition notify_all wait_for '
        + 'Condvar wait_while',
    lesson11_event: 'threading.Event Event is_set Barrier Condvar',
    lesson12_thread_local: 'threading.local thread_local! thread_local',
    lesson13_producer_consumer: 'queue.Queue Queue queue.Empty task_done '
        + 'crossbeam bounded crossbeam::channel::bounded Sender mpsc',
    lesson14_distributed: 'multiprocessing.managers BaseManager authkey '
        + 'TcpListener hmac',
    python_to_rust: 'queue.Queue crossbeam::channel thread_local!',
};

test('the search finds every primitive by both names', async () => {
    const page = await open(DESKTOP);
    await page.goto(address('index.html'));
    await page.click('#mdbook-search-toggle');
    await page.locator('#mdbook-searchbar').pressSequentially('Mutex');
    await page.waitForSelector('#mdbook-searchresults li a');
    const search = name => page.evaluate(name => {
        const bar = document.getElementById('mdbook-searchbar');
        bar.value = name;
        bar.dispatchEvent(new KeyboardEvent('keyup', { key: 'a' }));
        const links = '#mdbook-searchresults li > a';
        return [...document.querySelectorAll(links)]
            .map(link => link.getAttribute('href'));
    }, name);
    const lost = [];
    for (const [chapter, names] of Object.entries(NAMES)) {
        for (const name of names.split(' ')) {
            const found = await search(name);
            if (!found.some(link => link.includes(chapter))) {
                lost.push(`${name}: ${chapter} is not in ${found}`);
            }
        }
    }
    assert.deepEqual(lost, []);
    assert.deepEqual(await search('no_such_primitive'), []);
    await page.close();
});

test('a word that was searched for is marked', async () => {
    const page = await open(DESKTOP);
    for (const theme of ['light', 'navy']) {
        await page.goto(address('index.html'));
        await choose(page, theme);
        await page.click('#mdbook-search-toggle');
        await page.locator('#mdbook-searchbar').pressSequentially('Mutex');
        await page.waitForSelector('#mdbook-searchresults li a');
        assert.deepEqual(await violations(page), []);
        await page.click('#mdbook-searchresults li a');
        const mark = await page.innerText('main mark >> nth=0');
        assert.equal(mark.toLowerCase(), 'mutex');
        assert.deepEqual(page.messages, []);
    }
    await page.close();
});

test('the keys open the contents and scroll what is wide', async () => {
    const page = await open(PHONE);
    await page.goto(address('lesson08_lock.html'));
    await page.press('main pre > code[tabindex]', 'ArrowRight');
    await page.waitForFunction(() =>
        [...document.querySelectorAll('main pre > code')]
            .some(code => code.scrollLeft > 0));
    const contents = 'button[aria-controls=mdbook-sidebar]';
    await page.press(contents, 'Enter');
    await page.waitForSelector(`${contents}[aria-expanded=true]`);
    await page.waitForFunction(() =>
        document.getElementById('mdbook-sidebar')
            .getBoundingClientRect().left === 0);
    assert.deepEqual(await violations(page), []);
    await page.press(contents, 'Enter');
    await page.waitForSelector(`${contents}[aria-expanded=false]`);
    assert.match(page.url(), /lesson08_lock\.html$/);
    assert.deepEqual(page.messages, []);
    await page.close();
});

test('a lost reader is led back, wherever the book is', async t => {
    const book = mkdtempSync(path.join(tmpdir(), 'book-'));
    t.after(() => rmSync(book, { recursive: true }));
    execFileSync('cargo', ['run', '--quiet', '-p', 'book', '--', '--dest', book],
        { env: { ...process.env, MDBOOK_OUTPUT__HTML__SITE_URL: '/a/site/' } });
    const server = createServer((request, response) => {
        const name = new URL(request.url, 'http://localhost').pathname;
        const file = path.join(book, name.replace('/a/site/', ''));
        const found = name.startsWith('/a/site/') && existsSync(file);
        const kinds = { '.css': 'text/css', '.js': 'text/javascript',
            '.svg': 'image/svg+xml' };
        response.writeHead(found ? 200 : 404,
            { 'Content-Type': kinds[path.extname(name)] ?? 'text/html' });
        const lost = path.join(book, '404.html');
        createReadStream(found ? file : lost).pipe(response);
    });
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    server.unref();
    const site = `http://127.0.0.1:${server.address().port}/a/site`;
    const page = await open(DESKTOP);
    await page.goto(`${site}/no/such/page`);
    assert.deepEqual(await violations(page), []);
    // That the page is not there is reported, and nothing else.
    assert.equal(page.messages.splice(0).length, 1);
    await page.click('main a:not(.header)');
    await page.waitForURL(`${site}/introduction.html`);
    await page.click('nav > a.next >> nth=0');
    await page.waitForSelector('main pre');
    assert.deepEqual(page.messages, []);
    await page.close();
});
