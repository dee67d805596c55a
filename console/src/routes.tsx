// Every address of the console, and the screen that it shows. Screens are loaded when somebody goes there.
import { lazy, type ComponentType } from 'react';
import { matchRoutes, Navigate, NavigationType, useNavigationType, type RouteObject } from 'react-router';

import { useMe, usePartition } from './api/hooks';
import { FellOver, NotHere } from './layout/NotHere';
import { SectionPage } from './layout/SectionPage';
import { ALL_PARTITIONS, NEW_PARTITION, pathTo, sections } from './layout/sections';
import { Shell } from './layout/Shell';
import { BASE } from './session/configuration';

function screen(load: () => Promise<ComponentType>) {
	const Screen = lazy(async () => ({ default: await load() }));
	return { element: <Screen />, errorElement: <FellOver />, handle: load };
}

/** Who has just opened the console keeps the focus at its beginning (parts/Page.tsx). */
function ToOverview({ partition }: { partition: string }) {
	const arriving = useNavigationType() === NavigationType.Pop;
	return <Navigate to={pathTo(partition, 'overview')} replace state={{ arriving }} />;
}

function Home() {
	return <ToOverview partition={useMe().partition} />;
}

function HomeOfPartition() {
	return <ToOverview partition={usePartition()} />;
}

// One file a folder: its screens are loaded together.
const apis = () => import('./screens/apis');
const applications = () => import('./screens/applications');
const audit = () => import('./screens/audit');
const departments = () => import('./screens/departments');
const partitions = () => import('./screens/partitions');
const people = () => import('./screens/people');
const permissions = () => import('./screens/permissions');
const providers = () => import('./screens/providers');
const overview = async () => (await import('./screens/overview')).default;

const screens: RouteObject[] = [
	{ path: 'overview', ...screen(overview) },
	{ path: 'integration/client-applications', ...screen(async () => (await applications()).ApplicationList) },
	{ path: 'integration/client-applications/:client_id/:tab?', ...screen(async () => (await applications()).ApplicationPage) },
	{ path: 'integration/new-client-application', ...screen(async () => (await applications()).NewApplication) },
	{ path: 'integration/apis', ...screen(async () => (await apis()).ApiList) },
	{ path: 'integration/apis/:name/:tab?', ...screen(async () => (await apis()).ApiPage) },
	{ path: 'integration/import-api', ...screen(async () => (await apis()).NewApi) },
	{ path: 'integration/permissions', ...screen(async () => (await permissions()).PermissionList) },
	{ path: 'integration/permissions/:name/:tab?', ...screen(async () => (await permissions()).PermissionPage) },
	{ path: 'integration/new-permission', ...screen(async () => (await permissions()).NewPermission) },
	{ path: 'integration/identity-providers', ...screen(async () => (await providers()).ProviderList) },
	{ path: 'integration/identity-providers/:registration_id', ...screen(async () => (await providers()).ProviderPage) },
	{ path: 'integration/new-identity-provider', ...screen(async () => (await providers()).NewProvider) },
	{ path: 'people/users', ...screen(async () => (await people()).Users) },
	{ path: 'people/users/:id/:tab?', ...screen(async () => (await people()).User) },
	{ path: 'people/new-user', ...screen(async () => (await people()).NewUser) },
	{ path: 'people/customers', ...screen(async () => (await people()).Customers) },
	{ path: 'people/customers/:id/:tab?', ...screen(async () => (await people()).Customer) },
	{ path: 'people/new-customer', ...screen(async () => (await people()).NewCustomer) },
	{ path: 'people/departments', ...screen(async () => (await departments()).DepartmentList) },
	{ path: 'people/new-department', ...screen(async () => (await departments()).NewDepartment) },
	{ path: 'security/sessions', ...screen(async () => (await import('./screens/sessions')).default) },
	{ path: 'security/grants', ...screen(async () => (await import('./screens/grants')).default) },
	{ path: 'security/signing-keys', ...screen(async () => (await import('./screens/keys')).default) },
	{ path: 'security/audit', ...screen(async () => (await audit()).EventList) },
	{ path: 'security/audit/:id', ...screen(async () => (await audit()).EventPage) },
	{ path: 'settings', ...screen(async () => (await import('./screens/settings')).default) },
	...sections.map((section) => ({ path: section.key, element: <SectionPage section={section} /> })),
	{ path: '*', element: <NotHere /> },
];

export const routes: RouteObject[] = [
	{
		element: <Shell />,
		errorElement: <FellOver />,
		children: [
			{ index: true, element: <Home />, handle: overview },
			{ path: ALL_PARTITIONS, ...screen(async () => (await partitions()).PartitionList) },
			{ path: NEW_PARTITION, ...screen(async () => (await partitions()).NewPartition) },
			{ path: ':partition', element: <HomeOfPartition />, handle: overview },
			{ path: ':partition', children: screens },
			{ path: '*', element: <NotHere /> },
		],
	},
];

/** Begins to load what an address of the console shows, so that it is there when it is drawn. A failure is told then. */
export function fetchScreen(pathname: string): void {
	for (const { route } of matchRoutes(routes, pathname, BASE) ?? []) if (typeof route.handle === 'function') (route.handle as typeof overview)().catch(() => undefined);
}
