import { acts, each, tells, type Programs } from './row.ts'

/** Programs that speak to other hosts, look at the network, or filter it. */
export const NETWORK: Programs = {
  ...each(
    'ss netstat nstat ifstat ipcalc arp-scan-local',
    tells({
      options: {
        '-K --kill': { adds: ['network'] },
        '-D --diag': { value: 'write' },
        '-F --filter': { value: 'read' },
      },
    }),
  ),
  // Its words can be cut short as one likes: see tools.ts.
  ip: acts(['network'], { takes: '-f -n', options: { '-b --batch': { value: 'code' } } }),
  ifconfig: tells({ given: ['network'] }),
  route: tells({ given: ['network'] }),
  arp: tells({
    takes: '-i -H -t',
    given: ['network'],
    options: { '-s -d -f --set --delete --file': { adds: ['network'] } },
  }),
  ...each(
    'ifup ifdown nmcli nmtui brctl bridge tc iw iwconfig ethtool dhclient dhcpcd vconfig ovs-vsctl wg wg-quick openvpn ipsec',
    acts(['network']),
  ),
  ...each(
    'iptables ip6tables iptables-restore ip6tables-restore iptables-save nft ufw firewall-cmd ipset ebtables arptables fail2ban-client pfctl',
    acts(['firewall']),
  ),
  ...each('ping ping6 fping', { effects: ['network'], takes: '-c -i -I -s -t -W -w -M -Q -m -p -F' }),
  ...each('traceroute traceroute6 tracepath tracepath6 mtr', acts(['network'])),
  ...each('dig host nslookup drill kdig delv', {
    effects: ['network'],
    options: { '-f': { value: 'read' }, '-k': { value: 'read' } },
  }),
  getent: tells({ takes: '-s --service', verbs: { 'shadow, gshadow': acts(['account', 'key']) } }),
  whois: acts(['network']),
  ...each('nmap masscan zmap hping3 arp-scan nbtscan nikto', acts(['network', 'code'])),
  ...each(
    'tcpdump tshark dumpcap ngrep tcpflow wireshark',
    acts(['network', 'file-write'], {
      options: { '-z --postrotate-command': { value: 'code', adds: ['code'] }, '-w': { value: 'write' } },
    }),
  ),
  ...each(
    'nc ncat netcat nc.openbsd nc.traditional socat websocat cryptcat sbd pwncat chisel',
    acts(['network', 'upload', 'download'], {
      options: { '-e -c --exec --sh-exec --lua-exec': { value: 'code', adds: ['code', 'shell'] } },
    }),
  ),
  ...each(
    'ngrok frpc frps bore cloudflared ssh-vpn autossh sshuttle proxychains proxychains4 torsocks tor stunnel stunnel4 redir rinetd',
    acts(['network', 'remote']),
  ),
  telnet: acts(['network', 'shell']),
  ...each('ftp tftp lftp ncftp cadaver smbclient', acts(['network', 'upload', 'download', 'shell'])),

  // -o and its like write files, -T and -d send some, -K reads more options out of a file.
  curl: {
    effects: ['network', 'download'],
    operands: ['text'],
    takes:
      '-A -b -e -H -m -u -x -X -w -r -C -y -Y -z --user-agent --header --max-time --user --proxy --request --write-out --connect-timeout --retry --resolve --referer --oauth2-bearer --proxy-user --url --range',
    options: {
      '-o --output --output-dir --dump-header -D --cookie-jar -c --trace --trace-ascii --stderr --etag-save --hsts --alt-svc --libcurl':
        { value: 'write' },
      '-O --remote-name --remote-name-all -J --remote-header-name': { adds: ['file-write'] },
      '-T --upload-file': { value: 'read', adds: ['upload'] },
      '-d --data --data-binary --data-raw --data-urlencode --data-ascii --json -F --form --form-string': {
        value: 'text',
        adds: ['upload'],
      },
      '-K --config': { value: 'code' },
      '--key -E --cert --cacert --netrc-file --proxy-key': { value: 'read' },
      '-n --netrc': { adds: ['key'] },
      '--engine': { value: 'code' },
    },
  },
  wget: {
    effects: ['network', 'download', 'file-write'],
    operands: ['text'],
    takes: '-t -T -w -Q -U -l --tries --timeout --wait --user-agent --header --user --password --level',
    options: {
      '-O --output-document -o --output-file -a --append-output -P --directory-prefix --save-cookies --warc-file': {
        value: 'write',
      },
      '--use-askpass --ssl-engine': { value: 'code', adds: ['code'] },
      '-e --execute --config': { value: 'code', adds: ['code'] },
      '--post-file --body-file': { value: 'read', adds: ['upload'] },
      '--post-data --body-data': { value: 'text', adds: ['upload'] },
      '-i --input-file': { value: 'read' },
      '-b --background': { adds: ['detached'] },
    },
  },
  ...each(
    'aria2c axel fetch http https xh httpie youtube-dl yt-dlp gdown lynx w3m links elinks',
    acts(['network', 'download', 'file-write', 'code']),
  ),
  ...each(
    'aws gcloud gsutil az s3cmd s5cmd rclone restic borg duplicity minio doctl linode-cli hcloud oci ibmcloud heroku flyctl',
    acts(['network', 'upload', 'download', 'remote']),
  ),
  ...each('mail mailx mutt sendmail msmtp swaks exim postfix sendEmail', acts(['network', 'upload', 'shell'])),
  ...each('python-http webfsd darkhttpd busybox-httpd', acts(['network', 'upload'])),

  // A program on another host: what runs there is that host's to judge. -o ProxyCommand and its kind run programs here.
  ...each(
    'ssh slogin mosh dbclient plink',
    acts(['remote', 'network'], {
      takes: '-b -B -c -D -e -I -i -J -l -L -m -O -p -Q -R -S -w -W',
      options: { '-o -F -E': { value: 'code' } },
    }),
  ),
  ...each('ssh-copy-id', acts(['remote', 'key'])),
  ...each(
    'pdsh pssh parallel-ssh clush dsh fab cap mco salt salt-call salt-ssh chef-client chef-solo puppet ansible ansible-playbook ansible-pull ansible-console ansible-vault terraform pulumi packer vagrant',
    acts(['remote', 'code']),
  ),
  ...each('sftp psftp', acts(['remote', 'upload', 'download'], { options: { '-o -F -S -D -b': { value: 'code' } } })),
  scp: { effects: [], takes: '-c -i -l -P -J -X -D', options: { '-o -F -S': { value: 'code', adds: ['code'] } } },
  rsync: {
    flags:
      '--partial --progress --stats --archive --verbose --recursive --dry-run --checksum --compress --update --delete',
    effects: [],
    takes:
      '-f -B -T --filter --exclude --include --bwlimit --chmod --chown --max-size --min-size --timeout --port --compress-level --info --debug --out-format --max-delete --suffix --address --sockopts',
    options: {
      '-e --rsh --rsync-path --copy-as --daemon': { value: 'code', adds: ['code'] },
      '--log-file --write-batch --only-write-batch --backup-dir --partial-dir --temp-dir': { value: 'write' },
      '--files-from': { value: 'names' },
      '--exclude-from --include-from --password-file --read-batch --compare-dest --copy-dest --link-dest': {
        value: 'read',
      },
      '--delete --delete-before --delete-during --delete-delay --delete-after --delete-excluded --remove-source-files --del':
        { adds: ['file-delete'] },
    },
  },
  rdiff: acts(['file-read', 'file-write']),
  ...each('unison', acts(['file-read', 'file-write', 'remote'])),
  // Servers of other people's file programs, started by them over exec.
  ...each('sftp-server internal-sftp', acts(['upload', 'download', 'file-read', 'file-write', 'file-delete'])),
  'git-upload-pack': acts(['upload', 'file-read'], { operands: ['read'] }),
  'git-upload-archive': acts(['upload', 'file-read'], { operands: ['read'] }),
  'git-receive-pack': acts(['download', 'file-write'], { operands: ['write'] }),
  'git-lfs-authenticate': acts(['remote']),
  ...each(
    'sshd dropbear tinysshd rshd in.telnetd vsftpd proftpd nginx apache2 httpd haproxy lighttpd caddy',
    acts(['service', 'network']),
  ),
  ...each('nginx-debug apachectl apache2ctl', {
    effects: ['service'],
    verbs: { 'status, configtest, fullstatus': tells() },
  }),
}
