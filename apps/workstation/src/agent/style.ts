/** How pages look: light or dark as the system is, large enough to hit, with the focus always visible. */
export const style = `
:root { color-scheme: light dark; color: light-dark(#1a1a1a, #f2f2f2); background: light-dark(#ffffff, #161616); --line: light-dark(#767676, #8f8f8f); --mark: light-dark(#0b57d0, #8ab4f8); --bad: light-dark(#b3261e, #f2b8b5); }
body { font: 1.05rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 0 1rem 3rem; }
header p { border-bottom: 1px solid var(--line); padding: 0.75rem 0; margin: 0; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
fieldset, .card { border: 1px solid var(--line); border-radius: 0.4rem; margin: 1rem 0; padding: 0.75rem 1rem; }
label { display: block; margin: 0.4rem 0; }
label.line { display: flex; gap: 0.6rem; align-items: baseline; }
input:not([type="radio"], [type="checkbox"]), select, textarea { display: block; font: inherit; padding: 0.4rem; width: 100%; box-sizing: border-box; }
button { font: inherit; padding: 0.5rem 1.2rem; cursor: pointer; margin: 0.25rem 0.5rem 0.25rem 0; }
a { color: var(--mark); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
.error { border-left: 0.4rem solid var(--bad); padding-left: 0.8rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); padding: 0.3rem 0.6rem 0.3rem 0; overflow-wrap: anywhere; }
`;
