from privaudit.linkage.link_tables import LinkedTables as LinkedTables
from privaudit.linkage.link_tables import link as link
from privaudit.studies.link_releases import link_releases as link_releases
