/** What we use of client-node, by name, so that a bundle carries nothing of the generated rest. */
export { KubeConfig, loadYaml } from '@kubernetes/client-node';
