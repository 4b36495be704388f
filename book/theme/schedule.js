// Steps through the schedules of a part. All that can happen was computed
// before: `cargo run -p LESSON -- PART --schedule all` writes the graph that is
// in the page.
'use strict';

for (const root of document.querySelectorAll('.schedule')) {
    const graph = JSON.parse(root.querySelector('script').textContent);
    const code = root.querySelector('pre > code');
    const command = code.textContent.replace(/ --schedule .*/, '').trim();
    const taken = []; // The threads of the steps, counted from 1.

    const make = (name, properties, ...children) => {
        const element = document.createElement(name);
        Object.assign(element, properties);
        element.append(...children);
        return element;
    };

    // --- What is on the page.

    const goals = graph.goals.map(({ task }) => {
        const result = make('span', {}, '');
        return { result, item: make('li', {}, `${task}.`, result) };
    });
    const threads = graph.threads.map(({ name, lines }, i) => {
        const button = make('button', { type: 'button' });
        button.addEventListener('click', () => step(i + 1));
        const items = lines.map(line =>
            make('li', {}, make('code', {}, line || ' ')));
        const heading = make('h4', {}, name);
        const list = make('ol', { className: 'lines' }, ...items);
        const section = make('div', { role: 'group' }, heading, list, button);
        section.setAttribute('aria-label', `Thread ${name}`);
        return { button, items, section };
    });
    const shared = make('p', { className: 'shared' });
    const said = make('p', { className: 'said' });
    said.setAttribute('role', 'status');
    const log = make('ol', { className: 'log' });
    log.setAttribute('aria-live', 'polite');
    log.setAttribute('aria-label', 'The steps so far');
    const undo = make('button', { type: 'button' }, 'Undo');
    const restart = make('button', { type: 'button' }, 'Start again');
    const last = graph.threads.length;
    const keys = make('p', { className: 'keys' }, 'Keys, when one of the '
        + `buttons has the focus: 1 to ${last} takes a step, u undoes it.`);
    root.querySelector('.shortest').hidden = true;
    root.querySelector('.shortest').before(
        make('ul', { className: 'goals' }, ...goals.map(goal => goal.item)),
        make('div', { className: 'threads' },
            ...threads.map(thread => thread.section)),
        make('p', { className: 'controls' }, undo, ' ', restart), keys,
        shared, log, said);

    // --- What a reader does.

    const step = thread => {
        const { state } = walk();
        const waits = state.at[thread - 1][1];
        const name = graph.threads[thread - 1].name;
        if (state.steps.some(([its]) => its === thread)) {
            taken.push(thread);
            show();
        } else {
            said.textContent = waits
                ? `${name} waits for ${waits}.` : `${name} has finished.`;
        }
    };
    undo.addEventListener('click', () => {
        taken.pop();
        show();
    });
    restart.addEventListener('click', () => {
        taken.length = 0;
        show();
    });
    root.addEventListener('keydown', event => {
        const thread = threads[event.key - 1];
        if (event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        if (thread) {
            thread.button.click();
        } else if (event.key === 'u') {
            undo.click();
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    });

    /** The state after the steps that were taken, and their texts. */
    const walk = () => {
        let state = graph.states[0];
        const texts = taken.map(thread => {
            const [, text, to] = state.steps.find(([its]) => its === thread);
            state = graph.states[to];
            return `${graph.threads[thread - 1].name}: ${text}`;
        });
        return { state, texts };
    };

    const show = () => {
        const { state, texts } = walk();
        threads.forEach(({ button, items, section }, i) => {
            const { name, first } = graph.threads[i];
            const [line, waits] = state.at[i];
            items.forEach((item, n) => {
                const isNext = n + first === line;
                item.toggleAttribute('aria-current', isNext);
                if (isNext) {
                    item.setAttribute('aria-current', 'step');
                }
            });
            const isReady = line && !waits;
            button.setAttribute('aria-disabled', !isReady);
            section.classList.toggle('waits', Boolean(waits));
            button.textContent = isReady ? `Next step of ${name}`
                : waits ? `${name} waits for ${waits}` : `${name} has finished`;
        });
        shared.textContent = `Shared: ${state.shared}`;
        while (log.children.length > texts.length) {
            log.lastChild.remove();
        }
        for (const text of texts.slice(log.children.length)) {
            log.append(make('li', {}, make('code', {}, text)));
        }
        const end = state.good ?? state.bad ?? '';
        said.textContent = end;
        root.classList.toggle('good', 'good' in state);
        root.classList.toggle('bad', 'bad' in state);
        graph.goals.forEach(({ end: wanted, shortest }, i) => {
            if (end === wanted) {
                const steps = n => n === 1 ? '1 step' : `${n} steps`;
                const best = shortest.length;
                goals[i].item.classList.add('reached');
                goals[i].result.textContent = taken.length === best
                    ? ` Reached in ${steps(best)}; none is shorter.`
                    : ` Reached in ${steps(taken.length)}; the shortest `
                        + `takes ${best}.`;
            }
        });
        undo.setAttribute('aria-disabled', !taken.length);
        const schedule = taken.length ? ` --schedule ${taken.join(',')}` : '';
        code.textContent = command + schedule;
    };
    show();
}
