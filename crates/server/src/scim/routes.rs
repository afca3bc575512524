//! The addresses of SCIM.

use actix_web::web::{self, ServiceConfig};

use super::{ROOT, config, groups, users};

/// All of them.
pub(crate) fn routes(addresses: &mut ServiceConfig) {
    addresses
        .service(web::resource("/scim/v2/ServiceProviderConfig").get(config::provider))
        .service(web::resource("/scim/v2/ResourceTypes").get(config::types))
        .service(web::resource("/scim/v2/ResourceTypes/{name}").get(config::one_type))
        .service(web::resource("/scim/v2/Schemas").get(config::schemas))
        .service(web::resource("/scim/v2/Schemas/{name}").get(config::one_schema))
        .service(web::resource("/scim/v2/Users").get(users::list).post(users::create))
        .service(
            web::resource("/scim/v2/Users/{id}")
                .get(users::show)
                .put(users::replace)
                .patch(users::modify)
                .delete(users::remove),
        )
        .service(web::resource("/scim/v2/Groups").get(groups::list).post(groups::create))
        .service(
            web::resource("/scim/v2/Groups/{id}")
                .get(groups::show)
                .put(groups::replace)
                .patch(groups::modify)
                .delete(groups::remove),
        )
        .service(web::resource("/scim/v2/.search").post(config::search))
        .service(web::scope(ROOT).default_service(web::to(config::nothing)));
}
