"""What stands open on the machine when a box is opened: some of it forbids the opening, the rest somebody accepts by name."""

from collections.abc import Collection

from votes.rules.errors import RuleBroken

#: Open points that join deputies with ballots for whoever reads a file later: nobody can accept them.
FORBIDDEN = {
    "log_parameters": "数据库会把语句和参数写入日志（log_statement、log_min_duration_statement 等设置），日志能对出谁投了哪张票。"
    "请恢复这些设置的默认值。",
    "archive": "数据库开着连续归档（archive_mode），归档里会留下投票的先后。请先关闭归档。",
    "slot": "数据库有复制槽，关闭票箱后事务日志删不掉。请先删除复制槽。",
    "standby": "有没有登记的程序正从数据库复制数据：关闭票箱时不能清除它的事务日志。请停止复制；是备用库的，在设置 STANDBY_URLS 中登记。",
}
#: Open points that may be accepted.
ACCEPTABLE = {
    "named_standby": "数据库正向已登记的备用库复制数据：它是投票期间唯一的副本，关闭票箱时一并清除它的事务日志，清除之前不计票。",
    "wal_recycle": "数据库不立即删除用过的事务日志（wal_recycle 没有关闭），其中登记和选票前后相邻，会留到被覆盖为止。",
    "wal_rights": "数据库账号没有清除事务日志的授权，关闭票箱时不能由系统清除。",
    "files": "数据文件夹对这台服务器上的其他用户开放，其他用户可能读到投票数据。",
    "swap": "服务器开着交换分区，投票时内存里的内容可能被写到磁盘。",
    "core": "服务进程允许写内存转储，出错时内存里的内容可能被写到磁盘。",
}
WORDS = FORBIDDEN | ACCEPTABLE


def words_of(points: Collection[str]) -> list[str]:
    """Return the open points in words, in the order of the lists."""
    return [words for point, words in WORDS.items() if point in points]


def check_open_points(points: Collection[str], *, accepted: bool) -> None:
    """Refuse to open a box while something stands open that nobody has accepted, or that nobody can accept."""
    if forbidden := words_of(FORBIDDEN.keys() & points):
        raise RuleBroken(f"{''.join(forbidden)}票决没有开启。", code="machine")
    if points and not accepted:
        words = "".join(words_of(points))
        raise RuleBroken(
            f"开启前检查：{words}请先处理；决定仍然开启的，请勾选“知悉”。票决没有开启。", code="machine"
        )
