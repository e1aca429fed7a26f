// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// Follows the reader's colours and width: below 40 em a table's rows become cards.
    static let style = """
        :root { color-scheme: light dark; --line: #8886; --link: #0b57a4; }
        @media (prefers-color-scheme: dark) { :root { --link: #8ab8f0; } }
        * { box-sizing: border-box; }
        body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem;
          padding: 0 1rem 2rem; overflow-wrap: anywhere; }
        a { color: var(--link); }
        a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible {
          outline: 3px solid var(--link); outline-offset: 2px; }
        .skip { position: absolute; left: -100rem; }
        .skip:focus { left: 1rem; }
        header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; padding: 1rem 0;
          border-bottom: 1px solid var(--line); }
        header > a { font-weight: 700; }
        nav a { margin-right: 1rem; }
        form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end;
          margin: 1rem 0; }
        label { display: grid; }
        input, select, button { font: inherit; padding: .4rem .6rem; min-height: 2.75rem; }
        table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
        caption { text-align: left; padding: .5rem 0; }
        th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0;
          border-bottom: 1px solid var(--line); }
        dt { font-weight: 700; }
        dd { margin: 0 0 .75rem; white-space: pre-wrap; }
        @media (max-width: 40em) {
          thead { position: absolute; left: -100rem; }
          tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
          th, td { display: block; border: 0; padding: .1rem 0; }
          td[data-label]::before { content: attr(data-label) ": "; font-weight: 700; }
        }

        """
}
