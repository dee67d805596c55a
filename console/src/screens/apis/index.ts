export { ApiList } from './ApiList';
export { ApiPage } from './ApiPage';
export { NewApi } from './NewApi';
