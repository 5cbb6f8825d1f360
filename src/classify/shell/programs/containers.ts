import { acts, each, tells, type Program, type Programs } from './row.ts'

const engine: Program = {
  effects: ['remote', 'code', 'service'],
  options: {
    '-H -c --host --context': { value: 'text', adds: ['remote'] },
    '--config': { value: 'code', adds: ['code'] },
  },
  flags: '-D --debug --tls --no-trunc -a --all -q --quiet',
  takes: '-l --log-level -n --tail --since --until --format --filter -f',
  verbs: {
    'ps, images, info, version, stats, top, port, history, events, diff, container ls, container list, container ps, container stats, container top, image ls, image list, volume ls, network ls, system df, compose ps, node ls, service ls, stack ls':
      tells(),
    'inspect, container inspect, image inspect, volume inspect, network inspect': tells(),
    'logs, container logs, compose logs, service logs': acts(['log-read']),
    'start, stop, restart, kill, pause, unpause, rm, rmi, prune, update, rename, wait': acts(['service']),
    'cp, container cp, save, export, load, import, commit, build, pull, push': acts([
      'file-read',
      'file-write',
      'remote',
      'network',
    ]),
    'exec, run, attach, create, container exec, container run, compose exec, compose run': acts([
      'remote',
      'shell',
      'code',
    ]),
  },
}

/** Containers, virtual machines and their orchestration: a program in them is as good as one on another host. */
export const CONTAINERS: Programs = {
  ...each('docker podman nerdctl docker-compose podman-compose', engine),
  ...each('kubectl oc', {
    flags: '-A --all-namespaces -w --watch --no-headers',
    effects: ['remote', 'service', 'code'],
    takes:
      '-n -o -l -c -v --v --request-timeout --namespace --output --selector --context --cluster --container --tail --since --sort-by --field-selector',
    options: {
      '--as --as-group': { value: 'text', adds: ['privilege'] },
      // Its contexts name programs that make credentials.
      '--kubeconfig': { value: 'code', adds: ['code'] },
      '--token --client-key --client-certificate --server -s': { value: 'text', adds: ['remote'] },
      '-f --filename': { value: 'read' },
      '--output-directory --profile-output --cache-dir --log-file --log-dir': { value: 'write' },
      '--raw': { adds: ['key'] },
    },
    verbs: {
      'get, describe, top, version, cluster-info, api-resources, api-versions, explain, events, rollout status, rollout history, auth can-i':
        tells(),
      'config view, config get-contexts, config current-context': tells(),
      logs: acts(['log-read']),
      'exec, attach, debug, run, cp, port-forward, proxy': acts(['remote', 'shell', 'code', 'network']),
    },
  }),
  ...each(
    'helm kustomize k9s stern skaffold crictl ctr buildah skopeo runc crun lxc lxc-attach lxd incus virsh virt-manager qemu qemu-system-x86_64 qemu-img vboxmanage firecracker singularity apptainer systemd-nspawn bwrap firejail proot distrobox toolbox nomad consul vault',
    acts(['remote', 'code', 'service', 'shell']),
  ),
}
