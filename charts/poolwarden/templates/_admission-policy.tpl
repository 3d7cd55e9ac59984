{{/* Generated from src by `make generate`; do not edit. */}}

{{- define "poolwarden.admissionPolicy" -}}
paramKind:
  apiVersion: poolwarden.dev/v1alpha1
  kind: PoolPolicy
failurePolicy: Ignore
reinvocationPolicy: IfNeeded
matchConstraints:
  resourceRules:
    - apiGroups:
        - ""
      apiVersions:
        - v1
      operations:
        - CREATE
      resources:
        - pods
      scope: Namespaced
matchConditions:
  - name: not-a-mirror
    expression: "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)"
  - name: policy-enforces
    expression: "!has(params.metadata.deletionTimestamp) && has(params.spec) && (!has(params.spec.mode) || params.spec.mode == 'Enforce')"
  - name: policy-grants
    expression: "has(params.status) && has(params.status.delivery) && params.status.delivery == 'Admission' && has(params.status.grants) && (has(object.metadata.labels) && has(params.spec.workloads) && params.spec.workloads.exists(w, has(w.pods) && w.pods.matchLabels.size() > 0 && w.pods.matchLabels.all(l, l in object.metadata.labels && object.metadata.labels[l] == w.pods.matchLabels[l])) || has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller && [o.kind in ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] && !o.apiVersion.startsWith('apps/') ? '' : o.kind != 'ReplicaSet' ? o.kind + '/' + o.name : (has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '') != '' && o.name.endsWith((has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '')) ? 'Rollout/' + o.name.substring(0, o.name.size() - (has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '').size()) : (has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '') != '' && o.name.endsWith((has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '')) ? 'Deployment/' + o.name.substring(0, o.name.size() - (has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '').size()) : 'ReplicaSet/' + o.name].exists(n, n in params.status.grants || has(params.spec.workloads) && params.spec.workloads.exists(w, has(w.pool) && n + '/' + w.pool in params.status.grants))))"
variables:
  - name: owners
    expression: "has(object.metadata.ownerReferences) ? object.metadata.ownerReferences.filter(o, has(o.controller) && o.controller) : []"
  - name: hash
    expression: "(has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '')"
  - name: rolloutHash
    expression: "(has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '')"
  - name: workload
    expression: "variables.owners.size() == 0 ? '' : variables.owners[0].kind in ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] && !variables.owners[0].apiVersion.startsWith('apps/') ? '' : variables.owners[0].kind != 'ReplicaSet' ? variables.owners[0].kind + '/' + variables.owners[0].name : variables.rolloutHash != '' && variables.owners[0].name.endsWith(variables.rolloutHash) ? 'Rollout/' + variables.owners[0].name.substring(0, variables.owners[0].name.size() - variables.rolloutHash.size()) : variables.hash != '' && variables.owners[0].name.endsWith(variables.hash) ? 'Deployment/' + variables.owners[0].name.substring(0, variables.owners[0].name.size() - variables.hash.size()) : 'ReplicaSet/' + variables.owners[0].name"
  - name: furtherKeys
    expression: "has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.pool) && w.pool != 'main').map(w, variables.workload + '/' + w.pool) : []"
  - name: workloadKeys
    expression: "[variables.workload].filter(k, k in params.status.grants) + [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].filter(i, i < variables.furtherKeys.size() && variables.furtherKeys.indexOf(variables.furtherKeys[i]) == i && variables.furtherKeys[i] in params.status.grants).map(i, variables.furtherKeys[i])"
  - name: matching
    expression: "variables.workloadKeys.size() == 0 && has(object.metadata.labels) && has(params.spec.workloads) && params.spec.workloads.exists(w, has(w.pods) && w.pods.matchLabels.size() > 0 && w.pods.matchLabels.all(l, l in object.metadata.labels && object.metadata.labels[l] == w.pods.matchLabels[l])) && !params.spec.workloads.exists(w, !has(w.pods) && has(w.name) && variables.workload == (has(w.kind) ? w.kind : 'Deployment') + '/' + w.name) ? params.spec.workloads.filter(w, has(w.pods) && w.pods.matchLabels.size() > 0 && w.pods.matchLabels.all(l, l in object.metadata.labels && object.metadata.labels[l] == w.pods.matchLabels[l])) : []"
  - name: pickedNames
    expression: "variables.matching.map(w, (has(w.name) ? w.name : w.pods.matchLabels[w.pods.matchLabels.map(l, l).min()]))"
  - name: namesakes
    expression: "variables.matching.size() > 0 ? params.spec.workloads.filter(w, has(w.pods) && (has(w.name) ? w.name : w.pods.matchLabels[w.pods.matchLabels.map(l, l).min()]) == variables.pickedNames[0]) : []"
  - name: alike
    expression: "variables.namesakes.all(w, w.pods.matchLabels == variables.matching[0].pods.matchLabels) ? variables.namesakes : []"
  - name: pickedPools
    expression: "variables.alike.map(w, (has(w.pool) ? w.pool : 'main'))"
  - name: pickedKeys
    expression: "variables.alike.map(w, 'Pods/' + params.metadata.name + ':' + (has(w.name) ? w.name : w.pods.matchLabels[w.pods.matchLabels.map(l, l).min()]) + ((has(w.pool) ? w.pool : 'main') == 'main' ? '' : '/' + (has(w.pool) ? w.pool : 'main')))"
  - name: podsKeys
    expression: "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].filter(i, i < variables.pickedKeys.size() && variables.pickedPools.indexOf(variables.pickedPools[i]) == i && variables.pickedKeys[i] in params.status.grants && !(has(object.metadata.annotations) && (variables.pickedKeys[i].split('/').size() > 2 ? 'poolwarden.dev/pool-size.' + variables.pickedKeys[i].split('/')[2] : 'poolwarden.dev/pool-size') in object.metadata.annotations && object.metadata.annotations[(variables.pickedKeys[i].split('/').size() > 2 ? 'poolwarden.dev/pool-size.' + variables.pickedKeys[i].split('/')[2] : 'poolwarden.dev/pool-size')] != string(params.status.grants[variables.pickedKeys[i]].poolSize))).map(i, variables.pickedKeys[i])"
  - name: keys
    expression: variables.workloadKeys + variables.podsKeys
  - name: specNames
    expression: "has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.env)).map(w, ['maxSize', 'minSize', 'initialSize', 'overflow'].map(n, n in dyn(w.env) ? dyn(w.env)[n] : '')) : []"
  - name: specPrefixes
    expression: "has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.prefix)).map(w, (w.prefix.upperAscii().replace('.', '_').replace('-', '') + '_')).filter(p, !p.matches(r'(?i)^(LD_.*|DYLD_.*|GLIBC_.*|MALLOC_.*|BASH_.*|BASHOPTS.*|LC_.*|XDG_.*|SUDO_.*|JAVA_TOOL.*|JDK_.*|NODE_.*|NPM_.*|YARN_.*|UV_.*|DENO_.*|BUN_.*|PYTHON.*|PIP_.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|LUA_.*|RUST_.*|CARGO_.*|DOTNET_.*|COMPLUS_.*|CORECLR_.*|ASPNETCORE_.*|MONO_.*|UWSGI_.*|SSL_.*|OPENSSL_.*|CURL_.*|GIT_.*|SSH_.*|GPG_.*|PGSSL.*|PGGSS.*|PGKRB.*|KUBERNETES_.*|KUBE_.*|DOCKER_.*|AWS_.*|AZURE_.*|GOOGLE_.*|VAULT_.*|OTEL_.*|OMP_.*|MKL_.*|OPENBLAS_.*|BLIS_.*|VECLIB_.*|NUMEXPR_.*|AIRFLOW_CONN_.*|.*CONNSTR.*|.*CONN_STR.*|.*CONNECTIONSTR.*|.*CONNECTION_STR.*)$')) : []"
  - name: knownNames
    expression: "['DB_POOL_MIN_SIZE', 'DB_POOL_MAX_SIZE', 'SPRING_DATASOURCE_HIKARI_MINIMUMIDLE', 'SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE', 'SPRING_DATASOURCE_TOMCAT_MINIDLE', 'SPRING_DATASOURCE_TOMCAT_MAXACTIVE', 'SPRING_DATASOURCE_TOMCAT_MAXIDLE', 'SPRING_DATASOURCE_DBCP2_MINIDLE', 'SPRING_DATASOURCE_DBCP2_MAXTOTAL', 'SPRING_DATASOURCE_DBCP2_MAXIDLE', 'MIN_POOL_SIZE', 'DEFAULT_POOL_SIZE', 'RESERVE_POOL_SIZE', 'PGBOUNCER_MIN_POOL_SIZE', 'PGBOUNCER_DEFAULT_POOL_SIZE', 'PGBOUNCER_RESERVE_POOL_SIZE', 'CONNECTION_POOLER_MIN_SIZE', 'CONNECTION_POOLER_MAX_DB_CONN', 'DB_ENV', 'DB_POOL_COMMAND_TIMEOUT', 'DB_POOL_MAX_QUERIES', 'DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME']"
  - name: endings
    expression: "['POOL_MIN_SIZE', 'POOL_MAX_SIZE', 'MINIMUMIDLE', 'MAXIMUMPOOLSIZE', 'MINIDLE', 'MAXACTIVE', 'MAXIDLE', 'MAXTOTAL']"
  - name: settingWords
    expression: "['DB_ENV=production', 'DB_ENV=development', 'DB_ENV=test']"
  - name: ready
    expression: variables.keys.filter(k, params.status.grants[k].env.all(e, e.name in variables.knownNames || variables.specPrefixes.exists(p, e.name.startsWith(p) && e.name.substring(p.size()) in variables.endings) || variables.specNames.exists(names, e.name in names) && e.name.matches(r'^[A-Za-z_][A-Za-z0-9_]*$') && e.name.matches(r'(?i)(pool|conns(_|$)|conn_?(size|max|min|idle|limit)|(max|min|size|idle|limit)_?conn(_|$)|connections(_|$)|max_?overflow|(^|_)(workers|threads|processes|concurrency)(_|$)|(worker|thread)_(count|num|amount)|(^|_)max_children(_|$)|conns?(_|$)|((^|_)(DB|SQL|PG)(_.*)?|(DATABASE|DATASOURCE|JDBC|MYSQL|POSTGRES|PGSQL|SQLALCHEMY|HIKARI|DBCP|THREADS|WORKERS).*)(size|max|idle|limit|overflow|(^|_)min(_|$|imum))|(size|max|idle|limit|overflow|(^|_)min(_|$|imum))((.*_)?(DB|SQL|PG)(_|$)|.*(DATABASE|DATASOURCE|JDBC|MYSQL|POSTGRES|PGSQL|SQLALCHEMY|HIKARI|DBCP|THREADS|WORKERS)))') && !(e.name.matches(r'(?i)^(PATH|HOME|SHELL|USER|LOGNAME|PWD|OLDPWD|IFS|ENV|CDPATH|GLOBIGNORE|SHELLOPTS|PROMPT_COMMAND|EDITOR|VISUAL|PAGER|LESSOPEN|LESSCLOSE|TMPDIR|TMP|TEMP|HOSTNAME|CLASSPATH|_JAVA_OPTIONS|VIRTUAL_ENV|PHPRC|PHP_INI_SCAN_DIR|GOMAXPROCS|GOMEMLIMIT|GOGC|GODEBUG|GOTRACEBACK|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS|GETCONF_DIR|TZDIR|PGHOST|PGHOSTADDR|PGPORT|PGDATABASE|PGUSER|PGPASSWORD|PGPASSFILE|PGSERVICE|PGSERVICEFILE|PGOPTIONS|PGSYSCONFDIR|PGCONNECT_TIMEOUT|PGTARGETSESSIONATTRS|PGMINPROTOCOLVERSION|PGMAXPROTOCOLVERSION|PGREQUIREAUTH|PGCHANNELBINDING|LD_.*|DYLD_.*|GLIBC_.*|MALLOC_.*|BASH_.*|BASHOPTS.*|LC_.*|XDG_.*|SUDO_.*|JAVA_TOOL.*|JDK_.*|NODE_.*|NPM_.*|YARN_.*|UV_.*|DENO_.*|BUN_.*|PYTHON.*|PIP_.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|LUA_.*|RUST_.*|CARGO_.*|DOTNET_.*|COMPLUS_.*|CORECLR_.*|ASPNETCORE_.*|MONO_.*|UWSGI_.*|SSL_.*|OPENSSL_.*|CURL_.*|GIT_.*|SSH_.*|GPG_.*|PGSSL.*|PGGSS.*|PGKRB.*|KUBERNETES_.*|KUBE_.*|DOCKER_.*|AWS_.*|AZURE_.*|GOOGLE_.*|VAULT_.*|OTEL_.*|OMP_.*|MKL_.*|OPENBLAS_.*|BLIS_.*|VECLIB_.*|NUMEXPR_.*|AIRFLOW_CONN_.*|.*_PROXY|.*_OPTS|.*_OPTIONS|.*_FLAGS|.*_ARGS|.*_PATH|.*_HOME|.*_PRELOAD|.*_COMMAND|.*_FILE|.*_DIR|.*_URL|.*_URI|.*_DSN|.*_STRING|.*_HOST|.*_PORT|.*_USER|.*_PASSWORD|.*_SECRET|.*_TOKEN|.*_KEY|.*_CERT|.*_PASS|.*_PASSWD|.*_PW|.*_LICENSE|.*_ID|.*_NAME|.*_TYPE|.*_MODE|.*_SSLMODE|.*_VERSION|.*_ENABLED|.*_DISABLED|.*_LENGTH|.*_AGE|.*_ATTEMPTS|.*_RETRIES|.*CONNSTR.*|.*CONN_STR.*|.*CONNECTIONSTR.*|.*CONNECTION_STR.*)$') || e.name.matches(r'(?i)(^|_)(PASSWORD|PASSWD|LOGIN|LOGINS|LOGOUT|LOCKOUT|AUTH|OAUTH|SESSION|SESSIONS|COOKIE|TOKEN|JWT|RSA|KEY|CERT|TLS|SSL|CIPHER|HASH|BCRYPT|SECURITY|SECRET|CSRF|CORS|RATE|UPLOAD|BODY|PROFILE|PROFILES)(_|$)') && !e.name.matches(r'(?i)(pool|conns(_|$)|conn_?(size|max|min|idle|limit)|(max|min|size|idle|limit)_?conn(_|$)|connections(_|$)|max_?overflow|(^|_)(workers|threads|processes|concurrency)(_|$)|(worker|thread)_(count|num|amount)|(^|_)max_children(_|$))'))) && params.status.grants[k].env.all(e, e.value.matches('^[0-9]{1,10}$') || e.name + '=' + e.value in variables.settingWords) && params.status.grants[k].poolSize > 0 && params.status.grants[k].env.exists(e, e.value == string(params.status.grants[k].poolSize)))
  - name: containers
    expression: object.spec.containers.map(c, c.name)
  - name: sidecars
    expression: "has(object.spec.initContainers) ? object.spec.initContainers.map(c, has(c.restartPolicy) && c.restartPolicy == 'Always' ? c.name : '') : []"
  - name: targeted
    expression: "variables.ready.map(k, params.status.grants[k].container != '' ? params.status.grants[k].container : [params.status.grants[k].env.map(e, e.name)].map(names, (has(object.spec.containers) ? object.spec.containers : []).filter(c, has(c.env) && c.env.exists(e, e.name in names)).map(c, c.name) + (has(object.spec.initContainers) ? object.spec.initContainers : []).filter(c, has(c.restartPolicy) && c.restartPolicy == 'Always' && has(c.env) && c.env.exists(e, e.name in names)).map(c, c.name)).map(found, found.size() == 1 ? found[0] : found.size() == 0 && variables.containers.size() == 1 ? variables.containers[0] : '')[0])"
  - name: places
    expression: (variables.containers + variables.sidecars).filter(c, c != '' && variables.ready.exists(k, variables.targeted[variables.ready.indexOf(k)] == c))
  - name: present
    expression: "variables.places.map(c, variables.containers.indexOf(c) >= 0 ? (has(object.spec.containers[variables.containers.indexOf(c)].env) ? dyn(object.spec.containers[variables.containers.indexOf(c)].env) : dyn([])) : (has(object.spec.initContainers[variables.sidecars.indexOf(c)].env) ? dyn(object.spec.initContainers[variables.sidecars.indexOf(c)].env) : dyn([])))"
  - name: references
    expression: variables.present.map(list, list.filter(o, !has(o.value) || (o.value.size() <= 40 && o.value.matches(r'^[ \t\r\n]*([+-]?[0-9]+(\.[0-9]*)?)?[ \t\r\n]*$'))).map(o, '$(' + o.name + ')'))
  - name: numbers
    expression: variables.ready.map(k, params.status.grants[k].env.filter(e, e.value.matches('^[0-9]+$')).map(e, e.name))
  - name: replaced
    expression: "variables.ready.map(k, (variables.targeted[variables.ready.indexOf(k)] in variables.places) ? [variables.present[variables.places.indexOf(variables.targeted[variables.ready.indexOf(k)])]].map(list, [variables.numbers[variables.ready.indexOf(k)]].map(names, list.filter(e, e.name in names))[0])[0] : dyn([]))"
  - name: fitting
    expression: variables.ready.filter(k, (variables.targeted[variables.ready.indexOf(k)] in variables.places) && [variables.replaced[variables.ready.indexOf(k)]].map(list, list.size() <= 20 && [variables.references[variables.places.indexOf(variables.targeted[variables.ready.indexOf(k)])]].map(known, list.all(e, !has(e.value) || (e.value.size() <= 40 && e.value.matches(r'^[ \t\r\n]*([+-]?[0-9]+(\.[0-9]*)?)?[ \t\r\n]*$')) || e.value in known))[0])[0])
  - name: written
    expression: variables.fitting.filter(k, !variables.fitting.exists(o, variables.fitting.indexOf(o) < variables.fitting.indexOf(k) && variables.targeted[variables.ready.indexOf(o)] == variables.targeted[variables.ready.indexOf(k)] && params.status.grants[o].env.exists(e, params.status.grants[k].env.exists(f, e.name == f.name))))
  - name: live
    expression: variables.written.filter(k, k == variables.workload && has(params.status.grants[k].liveVariable) && params.status.grants[k].container in variables.containers && !(has(object.spec.containers[variables.containers.indexOf(params.status.grants[k].container)].volumeMounts) && object.spec.containers[variables.containers.indexOf(params.status.grants[k].container)].volumeMounts.exists(m, m.name != 'poolwarden-dev-pool-size' && m.mountPath.matches('^[./]*(etc([./]*|/[./]*poolwarden(/.*)?))?$'))))
  - name: first
    expression: "variables.written.size() > 0 ? variables.written[0] : ''"
  - name: targets
    expression: variables.containers.filter(c, variables.written.exists(k, variables.targeted[variables.ready.indexOf(k)] == c))
  - name: sidecarTargets
    expression: variables.sidecars.filter(c, c != '' && !(c in variables.containers) && variables.written.exists(k, variables.targeted[variables.ready.indexOf(k)] == c))
mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: "variables.targets.map(c, JSONPatch{op: \"add\", path: '/spec/containers/' + string(variables.containers.indexOf(c)) + '/env', value: dyn(variables.written.filter(k, variables.targeted[variables.ready.indexOf(k)] == c).map(k, params.status.grants[k].env.map(e, e.name + '=' + e.value).join(',')).join(',').split(',').map(t, variables.live.exists(k, params.status.grants[k].container == c && params.status.grants[k].liveVariable == t.substring(0, t.indexOf('='))) ? dyn({\"name\": dyn(t.substring(0, t.indexOf('='))), \"valueFrom\": dyn({'fieldRef': dyn({'apiVersion': dyn(\"v1\"), 'fieldPath': dyn(\"metadata.annotations['poolwarden.dev/pool-size']\")})})}) : dyn({\"name\": t.substring(0, t.indexOf('=')), \"value\": t.substring(t.indexOf('=') + 1)}))) + dyn([variables.written.filter(k, variables.targeted[variables.ready.indexOf(k)] == c).map(k, params.status.grants[k].env.map(e, e.name).join(',')).join(',').split(',')].map(names, (has(object.spec.containers[variables.containers.indexOf(c)].env) ? dyn(object.spec.containers[variables.containers.indexOf(c)].env) : dyn([])).filter(e, !(e.name in names)))[0])}) + variables.sidecarTargets.map(c, JSONPatch{op: \"add\", path: '/spec/initContainers/' + string(variables.sidecars.indexOf(c)) + '/env', value: dyn(variables.written.filter(k, variables.targeted[variables.ready.indexOf(k)] == c).map(k, params.status.grants[k].env.map(e, e.name + '=' + e.value).join(',')).join(',').split(',').map(t, variables.live.exists(k, params.status.grants[k].container == c && params.status.grants[k].liveVariable == t.substring(0, t.indexOf('='))) ? dyn({\"name\": dyn(t.substring(0, t.indexOf('='))), \"valueFrom\": dyn({'fieldRef': dyn({'apiVersion': dyn(\"v1\"), 'fieldPath': dyn(\"metadata.annotations['poolwarden.dev/pool-size']\")})})}) : dyn({\"name\": t.substring(0, t.indexOf('=')), \"value\": t.substring(t.indexOf('=') + 1)}))) + dyn([variables.written.filter(k, variables.targeted[variables.ready.indexOf(k)] == c).map(k, params.status.grants[k].env.map(e, e.name).join(',')).join(',').split(',')].map(names, (has(object.spec.initContainers[variables.sidecars.indexOf(c)].env) ? dyn(object.spec.initContainers[variables.sidecars.indexOf(c)].env) : dyn([])).filter(e, !(e.name in names)))[0])}) + (variables.first == '' || has(object.metadata.annotations) ? [] : [JSONPatch{op: \"add\", path: \"/metadata/annotations\", value: dyn({(variables.first.split('/').size() > 2 ? 'poolwarden.dev/pool-size.' + variables.first.split('/')[2] : 'poolwarden.dev/pool-size'): string(params.status.grants[variables.first].poolSize)})}]) + variables.written.map(k, JSONPatch{op: \"add\", path: \"/metadata/annotations/\" + jsonpatch.escapeKey((k.split('/').size() > 2 ? 'poolwarden.dev/pool-size.' + k.split('/')[2] : 'poolwarden.dev/pool-size')), value: string(params.status.grants[k].poolSize)}) + variables.live.map(k, JSONPatch{op: \"add\", path: '/metadata/annotations/' + jsonpatch.escapeKey('poolwarden.dev/live'), value: 'true'}) + variables.live.map(k, JSONPatch{op: \"add\", path: '/spec/containers/' + string(variables.containers.indexOf(params.status.grants[k].container)) + '/volumeMounts', value: (has(object.spec.containers[variables.containers.indexOf(params.status.grants[k].container)].volumeMounts) ? dyn(object.spec.containers[variables.containers.indexOf(params.status.grants[k].container)].volumeMounts.filter(m, m.name != 'poolwarden-dev-pool-size')) : dyn([])) + dyn([dyn({'name': dyn(\"poolwarden-dev-pool-size\"), 'mountPath': dyn(\"/etc/poolwarden\"), 'readOnly': dyn(true)})])}) + variables.live.map(k, JSONPatch{op: \"add\", path: '/spec/volumes', value: (has(object.spec.volumes) ? dyn(object.spec.volumes.filter(v, v.name != 'poolwarden-dev-pool-size')) : dyn([])) + dyn([dyn({'name': dyn(\"poolwarden-dev-pool-size\"), 'downwardAPI': dyn({'items': dyn([dyn({'path': dyn(\"pool-size\"), 'fieldRef': dyn({'apiVersion': dyn(\"v1\"), 'fieldPath': dyn(\"metadata.annotations['poolwarden.dev/pool-size']\")})})])})})])}) + variables.live.filter(k, has(params.status.grants[k].gatedFrom) && !(has(object.spec.nodeName) && object.spec.nodeName != '')).map(k, JSONPatch{op: \"add\", path: \"/spec/schedulingGates\", value: (has(object.spec.schedulingGates) ? dyn(object.spec.schedulingGates.filter(g, g.name != 'poolwarden.dev/slots')) : dyn([])) + dyn([dyn({'name': dyn(\"poolwarden.dev/slots\")})])})"
{{- end }}

{{- define "poolwarden.admissionPolicyBinding" -}}
policyName: poolwarden
paramRef:
  selector: {}
  parameterNotFoundAction: Allow
{{- end }}
