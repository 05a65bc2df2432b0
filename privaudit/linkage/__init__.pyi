from privaudit.studies.link_releases import link_releases as link_releases
