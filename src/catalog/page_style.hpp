#pragma once

namespace retime::catalog {

/// Style sheet of the result page.
inline constexpr const char* kPageStyle = R"(
:root { color-scheme: light dark; --ground: #f4f4f2; --card: #fff; --text: #1c1d1f; --soft: #63666b; --line: #dcdcd8;
  --good: #2b7a4b; --bad: #b3362c; --busy: #9a6a00; --link: #1f5fa8; }
@media (prefers-color-scheme: dark) { :root { --ground: #17181a; --card: #222427; --text: #e8e8e6; --soft: #a0a4aa;
  --line: #383b40; --good: #6cc48f; --bad: #f0857b; --busy: #e0b04c; --link: #85b8f2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 90rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .8rem; font-size: 1.1rem; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
.soft { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); }
.bar { display: flex; height: .5rem; margin-top: 1rem; border-radius: 1rem; overflow: hidden; background: var(--line); }
.bar i { display: block; } .bar .good { background: var(--good); } .bar .bad { background: var(--bad); }
.grid { display: grid; gap: 1.2rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden;
  display: flex; flex-direction: column; }
.card img { display: block; width: 100%; height: 13rem; object-fit: cover; object-position: top left;
  background: #1c1c1e; }
.card > div { padding: .9rem 1rem 1rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem 1rem; margin: .6rem 0; }
dt { color: var(--soft); } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.links a { margin-right: .7rem; white-space: nowrap; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { padding: .5rem .9rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top;
  white-space: nowrap; }
th { color: var(--soft); font-weight: normal; border-top: 0; }
td:nth-child(1), td:nth-child(3) { white-space: normal; overflow-wrap: anywhere; }
td:nth-child(1) { min-width: 9rem; } td:nth-child(3) { width: 100%; }
)";

}  // namespace retime::catalog
