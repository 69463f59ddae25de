/** The style sheet of the live page, in the colours and letters of the report, so that both look like one thing. */
import { themes } from '@ncsweep/report/render/theme';
import { pageStyle } from '../page/style.ts';

export const styleSheet = `:root{color-scheme:light dark;${themes.light}}
@media (prefers-color-scheme:dark){:root{${themes.dark}}}
${pageStyle}`;
