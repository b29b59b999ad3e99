/// The style of the page, for light and dark displays.
///
/// The colours of the marks are M. Okabe's and K. Ito's, which nearly all readers can distinguish; on dark displays the
/// deepest are lighter. Lines differ in their dashes too.
///
/// Source: M. Okabe, K. Ito, *Color Universal Design*, 2002, https://jfly.uni-koeln.de/color/
enum Stylesheet {
    static let text = colours + layout + tables + drawings

    private static let colours = """
        :root {
          color-scheme: light dark;
          --paper: #ffffff; --ink: #1b1f24; --soft: #59626d; --rule: #dfe3e8; --faint: #f5f7f9;
          --alert: #8a4b00; --alert-paper: #fff6e6; --link: #005a8f;
          --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b5578f; --c4: #e69f00; --c5: #56b4e9;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171b; --ink: #e6e9ed; --soft: #9aa5b1; --rule: #2e353d; --faint: #1b2026;
            --alert: #ffc76b; --alert-paper: #2a2214; --link: #7cc4f2;
            --c0: #4aa3dd; --c1: #f07f2e; --c2: #2fbf95; --c3: #d98ab8; --c4: #eab64d; --c5: #8fd0f5;
          }
        }

        """

    private static let layout = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
          font-variant-numeric: tabular-nums;
        }
        main { max-width: 1240px; margin: 0 auto; padding: 28px clamp(16px, 4vw, 48px) 72px; }
        header { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; }
        .brand { margin: 0; font-weight: 650; letter-spacing: -0.01em; }
        .contents { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--soft); }
        a { color: var(--link); text-underline-offset: 3px; text-decoration-thickness: 1px; }
        section { margin-top: 28px; padding-top: 28px; border-top: 1px solid var(--rule); }
        .kicker { margin: 0 0 2px; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
        h2 { margin: 0 0 18px; font-size: 27px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em;
          overflow-wrap: anywhere; }
        h3 { margin: 36px 0 8px; font-size: 16px; line-height: 1.3; font-weight: 650; }
        .prose, .summary { max-width: 74ch; color: var(--soft); font-size: 13.5px; line-height: 1.5; }
        .prose { margin: 10px 0 0; }
        .warning { max-width: 84ch; margin: 0 0 12px; padding: 9px 14px; border-left: 3px solid var(--alert);
          background: var(--alert-paper); color: var(--alert); font-size: 14px; overflow-wrap: anywhere; }
        dl { margin: 0; }
        dd { margin: 0; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(136px, 1fr)); gap: 18px 24px;
          margin: 22px 0; }
        .figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
        .figures dd { font-size: 25px; line-height: 1.2; font-weight: 600; letter-spacing: -0.02em; }
        .figures dt { color: var(--soft); font-size: 13px; }
        .facts { padding: 12px 16px; background: var(--faint); border-radius: 6px; font-size: 13.5px; }
        .facts div { display: grid; grid-template-columns: 82px 1fr; gap: 12px; }
        .facts dt { color: var(--soft); }
        .facts dd { overflow-wrap: anywhere; min-width: 0; }
        .charts, .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr));
          gap: 8px 48px; margin-top: 4px; }
        .columns > div { min-width: 0; }
        .charts h3 { margin: 28px 0 4px; }
        .columns h3 { margin-top: 28px; }
        .facts + .scroll { margin-top: 16px; }
        figure { margin: 0; min-width: 0; display: flex; flex-direction: column; max-width: 640px; }
        .summary { margin: 0 0 10px; }
        @media (max-width: 480px) { h2 { font-size: 22px; } .figures { grid-template-columns: repeat(2, 1fr); } }
        @media print { details { display: none; } section { break-inside: avoid-page; } }

        """

    private static let tables = """
        .scroll { overflow-x: auto; }
        .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
        table { border-collapse: collapse; font-size: 13.5px; line-height: 1.4; }
        th, td { padding: 5px 18px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; text-align: left;
          font-weight: 400; }
        thead th { color: var(--soft); font-size: 12.5px; white-space: nowrap; vertical-align: bottom; }
        th.number, td.number { text-align: right; white-space: nowrap; }
        th:last-child, td:last-child { padding-right: 2px; }
        .words { max-width: 44ch; overflow-wrap: break-word; }
        th.words { min-width: 13ch; }
        details { margin-top: 6px; font-size: 13.5px; }
        summary { cursor: pointer; color: var(--link); width: fit-content; }
        details[open] summary { margin-bottom: 6px; }

        """

    private static let drawings = """
        .legend { margin: 0 0 6px; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px;
          font-size: 13px; }
        .legend li { display: flex; align-items: center; gap: 7px; min-width: 0; overflow-wrap: anywhere; }
        .legend li span { min-width: 0; }
        .swatch { width: 22px; height: 12px; flex: none; }
        svg.wide, svg.narrow { width: 100%; height: auto; margin-top: auto; overflow: visible; }
        svg.narrow { display: none; }
        @media (max-width: 520px) { svg.wide { display: none; } svg.narrow { display: block; } }
        svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--soft); }
        svg .title { font-size: 12px; fill: var(--ink); }
        svg .note { fill: var(--ink); font-weight: 600; }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .axis { stroke: var(--soft); stroke-width: 1; }
        .mark { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .dashed { stroke-dasharray: 5 5; }
        .faint { opacity: 0.4; }
        .ring { fill: var(--paper); stroke-width: 2; }
        .line.c0, .ring.c0 { stroke: var(--c0); } .fill.c0 { fill: var(--c0); }
        .line.c1, .ring.c1 { stroke: var(--c1); } .fill.c1 { fill: var(--c1); }
        .line.c2, .ring.c2 { stroke: var(--c2); } .fill.c2 { fill: var(--c2); }
        .line.c3, .ring.c3 { stroke: var(--c3); } .fill.c3 { fill: var(--c3); }
        .line.c4, .ring.c4 { stroke: var(--c4); } .fill.c4 { fill: var(--c4); }
        .line.c5, .ring.c5 { stroke: var(--c5); } .fill.c5 { fill: var(--c5); }

        """
}
