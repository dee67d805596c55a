// Every address of the console, and the screen that it shows. Screens are loaded when somebody goes there.
import { lazy, type ComponentType } from 'react';
import { Navigate, type RouteObject } from 'react-router';

import { useMe } from './api/hooks';
import { FellOver, NotHere } from './layout/NotHere';
import { SectionPage } from './layout/SectionPage';
import { pathTo, sections } from './layout/sections';
import { Shell } from './layout/Shell';

function screen(load: () => Promise<{ default: ComponentType }>) {
	const Screen = lazy(load);
	return { element: <Screen />, errorElement: <FellOver /> };
}

function Home() {
	return <Navigate to={pathTo(useMe().partition, 'overview')} replace />;
}

const screens: RouteObject[] = [
	{ path: 'overview', ...screen(() => import('./screens/overview')) },
	{ path: 'integration/client-applications', ...screen(() => import('./screens/applications/ApplicationList')) },
	{ path: 'integration/client-applications/new', ...screen(() => import('./screens/applications/NewApplication')) },
	{ path: 'integration/client-applications/:client_id/:tab?', ...screen(() => import('./screens/applications/Application')) },
	{ path: 'integration/apis/*', ...screen(() => import('./screens/apis')) },
	{ path: 'integration/permissions/*', ...screen(() => import('./screens/permissions')) },
	{ path: 'integration/identity-providers/*', ...screen(() => import('./screens/providers')) },
	{ path: 'people/users/*', ...screen(() => import('./screens/users')) },
	{ path: 'people/customers/*', ...screen(() => import('./screens/customers')) },
	{ path: 'people/departments/*', ...screen(() => import('./screens/departments')) },
	{ path: 'security/sessions/*', ...screen(() => import('./screens/sessions')) },
	{ path: 'security/grants/*', ...screen(() => import('./screens/grants')) },
	{ path: 'security/signing-keys/*', ...screen(() => import('./screens/keys')) },
	{ path: 'security/audit/*', ...screen(() => import('./screens/audit')) },
	{ path: 'settings', ...screen(() => import('./screens/settings')) },
	...sections.map((section) => ({ path: section.key, element: <SectionPage section={section} /> })),
];

export const routes: RouteObject[] = [
	{
		element: <Shell />,
		errorElement: <FellOver />,
		children: [
			{ index: true, element: <Home /> },
			{ path: 'partitions/*', ...screen(() => import('./screens/partitions')) },
			{ path: ':partition', element: <Home /> },
			{ path: ':partition', children: screens },
			{ path: '*', element: <NotHere /> },
		],
	},
];
