import { render } from 'preact';

import { Shell } from './shell.tsx';
import { watchMe } from './state/me.ts';
import { watchOverview } from './state/overview.ts';
import { watchPlace } from './state/place.ts';

watchPlace();
watchOverview();
watchMe();
const page = document.getElementById('page');
page?.replaceChildren();
if (page) render(<Shell />, page);
