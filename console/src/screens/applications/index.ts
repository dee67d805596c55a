export { ApplicationPage } from './Application';
export { ApplicationList } from './ApplicationList';
export { NewApplication } from './NewApplication';
